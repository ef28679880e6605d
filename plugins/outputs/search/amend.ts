import type { Amendment } from '../../../src/plugin/contract.js';
import { member, refusal } from './answer.js';
import { documentId } from './bulk.js';
import type { ProfileName, SearchClient } from './client.js';

/** Where a document lies, and which state of it was seen. */
interface Found {
  readonly _index: string;
  readonly _id: string;
  readonly if_seq_no: number;
  readonly if_primary_term: number;
}

/**
 * Gives documents that were sent as unclassified their late labels. Each is looked for first, because the index of a data stream that holds it has to be named; what is
 * no longer there, or was changed by somebody else, is left alone. `indices` names what may hold them. Returns how many were changed.
 * @throws where the server does not answer as it should.
 */
export async function amendDocuments(
  client: SearchClient,
  indices: string,
  profile: ProfileName,
  amendments: readonly Amendment[],
  signal: AbortSignal,
): Promise<number> {
  const byId = new Map(amendments.map((amendment) => [documentId(amendment.id), amendment]));
  // A search does not see what was stored within the last refresh interval. Who may not refresh misses some.
  await client.request({ method: 'POST', path: `/${indices}/_refresh`, signal });
  const query = { ids: { values: [...byId.keys()] } };
  const search = { size: byId.size, query, _source: false, seq_no_primary_term: true, track_total_hits: false };
  const found = await asked(client, {
    method: 'POST',
    path: `/${indices}/_search`,
    query: { filter_path: 'hits.hits._index,hits.hits._id,hits.hits._seq_no,hits.hits._primary_term' },
    body: JSON.stringify(search),
    signal,
  });
  const lines = hitsOf(found).flatMap((where) => {
    const amendment = byId.get(where._id);
    return amendment === undefined ? [] : [JSON.stringify({ update: where }), JSON.stringify({ doc: changeOf(amendment, profile) })];
  });
  if (lines.length === 0) return 0;
  const answer = await asked(client, {
    method: 'POST',
    path: '/_bulk',
    query: { filter_path: 'items.*.status' },
    body: `${lines.join('\n')}\n`,
    headers: { 'content-type': 'application/x-ndjson' },
    signal,
  });
  const items = member(answer, 'items');
  if (!Array.isArray(items)) throw new Error('the server did not answer what became of the amended documents');
  const statuses = items.map((item) => Number(member(member(item, 'update'), 'status')));
  const busy = statuses.find((status) => status === 429 || status >= 500);
  if (busy !== undefined) throw new Error(`the server could not amend documents: ${busy}`);
  return statuses.filter((status) => status === 200).length;
}

/** The part of a document that a late label changes, as its profile has it. */
export function changeOf({ label, confidence, stage, event }: Amendment, profile: ProfileName): object {
  const trilog = { label, confidence, stage, guess: null };
  if (profile !== 'ecs' || event === null) return { trilog };
  const { kind, category, type, outcome } = event;
  return { trilog, event: { kind, category, type, outcome } };
}

async function asked(client: SearchClient, request: Parameters<SearchClient['request']>[0]): Promise<unknown> {
  const { status, body } = await client.request(request);
  if (status !== 200) throw new Error(`${request.path}: ${refusal(status, body)}`);
  return JSON.parse(body);
}

function hitsOf(answer: unknown): Found[] {
  const hits = member(member(answer, 'hits'), 'hits');
  if (!Array.isArray(hits)) return [];
  return hits.map((hit) => ({
    _index: String(member(hit, '_index')),
    _id: String(member(hit, '_id')),
    if_seq_no: Number(member(hit, '_seq_no')),
    if_primary_term: Number(member(hit, '_primary_term')),
  }));
}

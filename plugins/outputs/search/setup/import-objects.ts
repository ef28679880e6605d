import { Agent, FormData, fetch } from 'undici';
import { isObject } from '../../../../src/record/json-object.js';
import { refusal } from '../answer.js';
import type { Engine } from '../client.js';
import { Refused } from './look.js';
import { ndjsonOf, type SavedObject } from './saved-objects.js';

/** How the dashboards' server is reached. */
export interface DashboardsServer {
  /** Such as `https://dashboards.example.net:5601/s/ops`: what stands before `/api`. */
  readonly url: URL;
  /** Credentials. */
  readonly headers: Readonly<Record<string, string>>;
  /** Authorities that sign its certificate, as PEM; null for the usual ones. */
  readonly ca: string | null;
}

/** Answers of an import name each object: a few kilobytes. */
const MAX_ANSWER_BYTES = 4_194_304;
const TIMEOUT_MS = 60_000;

/** The header without which the server takes a request for one that another site made in a browser. */
const XSRF: Readonly<Record<Engine, string>> = { elasticsearch: 'kbn-xsrf', opensearch: 'osd-xsrf' };

/**
 * Imports saved objects, in place of those with their ids, by the server's own API
 * (https://www.elastic.co/docs/api/doc/kibana/operation/operation-importsavedobjectsdefault). Redirects are not followed: credentials go along.
 * @throws Refused with each object that the server did not take, or an error of the connection.
 */
export async function importObjects(server: DashboardsServer, engine: Engine, objects: readonly SavedObject[]): Promise<void> {
  const form = new FormData();
  form.append('file', new Blob([ndjsonOf(objects)], { type: 'application/ndjson' }), 'trilog.ndjson');
  const agent = new Agent({ connect: server.ca === null ? {} : { ca: server.ca } });
  try {
    const answer = await fetch(`${server.url.href.replace(/\/+$/, '')}/api/saved_objects/_import?overwrite=true`, {
      method: 'POST',
      headers: { ...server.headers, [XSRF[engine]]: 'trilog' },
      body: form,
      redirect: 'manual',
      signal: AbortSignal.timeout(TIMEOUT_MS),
      dispatcher: agent,
    });
    const body = await limited(answer.body);
    if (answer.status !== 200) throw new Refused(`the dashboards did not take the import: ${reasonOf(answer.status, body)}`);
    const problems = importProblems(body);
    if (problems.length > 0) throw new Refused(`the dashboards did not take all: ${problems.join('; ')}`);
  } finally {
    await agent.destroy();
  }
}

/** What an answer to an import says that went wrong, an entry an object. */
export function importProblems(body: string): readonly string[] {
  let answer: unknown;
  try {
    answer = JSON.parse(body);
  } catch {
    return [`the answer is no JSON: ${body.slice(0, 200)}`];
  }
  if (isObject(answer) && answer['success'] === true) return [];
  const errors = isObject(answer) && Array.isArray(answer['errors']) ? answer['errors'] : [];
  return errors.length === 0 ? [`the answer does not say that it worked: ${body.slice(0, 200)}`] : errors.map(problemOf);
}

function problemOf(error: unknown): string {
  if (!isObject(error)) return String(error);
  const why = isObject(error['error']) ? error['error'] : {};
  return `${String(error['type'])} ${String(error['id'])}: ${String(why['message'] ?? why['type'] ?? 'no reason given')}`;
}

/** The dashboards give their reason as `message`. */
function reasonOf(status: number, body: string): string {
  try {
    const answer: unknown = JSON.parse(body);
    if (isObject(answer) && typeof answer['message'] === 'string') return `${status} ${answer['message']}`;
  } catch {
    // A proxy's page.
  }
  return refusal(status, body);
}

async function limited(body: AsyncIterable<Uint8Array> | null): Promise<string> {
  const chunks: Uint8Array[] = [];
  let bytes = 0;
  for await (const chunk of body ?? []) {
    bytes += chunk.length;
    if (bytes > MAX_ANSWER_BYTES) throw new Refused(`the dashboards' answer is longer than ${MAX_ANSWER_BYTES} bytes`);
    chunks.push(chunk);
  }
  return Buffer.concat(chunks).toString();
}

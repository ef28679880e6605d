import { isObject } from '../../../../src/record/json-object.js';
import { refusal } from '../answer.js';
import type { SearchClient, SearchResponse } from '../client.js';
import { canonical } from './canonical.js';
import { type Change, changesBetween } from './diff.js';
import { ISM_MARK } from './lifecycle.js';
import { MANAGED_BY, type Piece, type PieceKind, piecesOf, policyOf, type SetupSettings } from './pieces.js';

/** What has to be done about a piece. `foreign`: something of that name is there which trilog did not make. */
export interface Step {
  readonly piece: Piece;
  readonly state: 'missing' | 'same' | 'different' | 'foreign';
  /** What differs; of a piece that is missing, nothing. */
  readonly changes: readonly Change[];
  /** What the request to change it has to say besides its body: which version of an ISM policy is meant. */
  readonly query: Readonly<Record<string, string>>;
}

export interface Plan {
  readonly steps: readonly Step[];
  /** What the server does not have, for people. */
  readonly notes: readonly string[];
}

/** A server that refuses a request, and what it said. */
export class Refused extends Error {
  override readonly name = 'Refused';
}

/** Compares what the server has with what is wanted; changes nothing. @throws Refused, or the client's error where there is no connection. */
export async function look(client: SearchClient, settings: SetupSettings): Promise<Plan> {
  const lifecycle = settings.lifecycle && (await hasLifecycle(client, policyOf(settings)));
  const steps: Step[] = [];
  for (const piece of piecesOf({ ...settings, lifecycle })) steps.push(await stepFor(client, piece));
  const notes = settings.lifecycle && !lifecycle ? [NO_LIFECYCLE[settings.engine]] : [];
  return { steps, notes };
}

const NO_LIFECYCLE = {
  elasticsearch: 'the server has no index lifecycle management: nothing will be deleted by itself',
  opensearch: 'the server has no index state management (its plugin is not installed): nothing will be rolled over or deleted by itself',
} as const;

async function hasLifecycle(client: SearchClient, policy: Piece): Promise<boolean> {
  const answer = await client.request({ method: 'GET', path: policy.path });
  return !isUnknown(answer);
}

/** The server has no such part: its plugin or module is not there, or not offered by whoever runs it. */
function isUnknown({ status, body }: SearchResponse): boolean {
  if (status === 405 || status === 410) return true;
  return (status === 400 || status === 404) && /no handler found|api_not_available/.test(body);
}

const PLURALS: Readonly<Record<PieceKind, string>> = {
  ilm_policy: 'lifecycle policies',
  ism_policy: 'state management policies',
  component_template: 'component templates',
  index_template: 'composable index templates',
  data_stream: 'data streams',
};

async function stepFor(client: SearchClient, piece: Piece): Promise<Step> {
  const answer = await client.request({ method: 'GET', path: piece.path });
  if (isUnknown(answer))
    throw new Refused(`the server does not know ${PLURALS[piece.kind]}: GET ${piece.path}: ${refusal(answer.status, answer.body)}`);
  if (answer.status === 404) return { piece, state: 'missing', changes: [], query: {} };
  if (answer.status !== 200) throw new Refused(`GET ${piece.path}: ${refusal(answer.status, answer.body)}`);
  const found = foundIn(piece, parsed(answer));
  if (found === undefined) return { piece, state: 'missing', changes: [], query: {} };
  const changes = changesBetween(canonical(piece.kind, found.body), canonical(piece.kind, piece.body));
  const state = changes.length === 0 ? 'same' : isOurs(piece.kind, found.body) ? 'different' : 'foreign';
  return { piece, state, changes, query: found.query };
}

interface Found {
  readonly body: unknown;
  readonly query: Readonly<Record<string, string>>;
}

/** The piece within the answer, in the form of the request that makes it; undefined where it is not in it. */
function foundIn({ kind, name }: Piece, answer: unknown): Found | undefined {
  const found = (body: unknown, query = {}): Found | undefined => (isObject(body) ? { body, query } : undefined);
  switch (kind) {
    case 'component_template':
      return found(listed(answer, 'component_templates', name)?.['component_template']);
    case 'index_template':
      return found(listed(answer, 'index_templates', name)?.['index_template']);
    case 'data_stream':
      // It has nothing of its own that could differ.
      return listed(answer, 'data_streams', name) === undefined ? undefined : { body: null, query: {} };
    case 'ilm_policy': {
      const policy = isObject(answer) ? answer[name] : undefined;
      return found(isObject(policy) ? { policy: policy['policy'] } : undefined);
    }
    case 'ism_policy': {
      if (!isObject(answer)) return undefined;
      const query = { if_seq_no: String(answer['_seq_no']), if_primary_term: String(answer['_primary_term']) };
      return found({ policy: answer['policy'] }, query);
    }
  }
}

function listed(answer: unknown, list: string, name: string): Readonly<Record<string, unknown>> | undefined {
  const items = isObject(answer) ? answer[list] : undefined;
  return Array.isArray(items) ? items.filter(isObject).find((item) => item['name'] === name) : undefined;
}

function isOurs(kind: PieceKind, body: unknown): boolean {
  if (!isObject(body)) return false;
  const policy = isObject(body['policy']) ? body['policy'] : {};
  if (kind === 'ism_policy') return typeof policy['description'] === 'string' && policy['description'].startsWith(ISM_MARK);
  const meta = kind === 'ilm_policy' ? policy['_meta'] : body['_meta'];
  return isObject(meta) && meta['managed_by'] === MANAGED_BY;
}

function parsed({ body }: SearchResponse): unknown {
  try {
    return JSON.parse(body);
  } catch {
    throw new Refused(`the server answered no JSON: ${body.slice(0, 200)}`);
  }
}

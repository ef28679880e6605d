import { isObject } from '../../../../src/record/json-object.js';
import type { PieceKind } from './pieces.js';

/** A body as lines: the way to each value, and the value as text. Servers give numbers and truths back as text, so they count as such. */
export type Canonical = ReadonlyMap<string, string>;

/**
 * The body of a request, or what the server answers of the same piece, in one form: what a server writes otherwise (settings as objects within objects,
 * with or without `index.`) becomes alike, and what it only adds (versions, times, its own defaults) is left out. What is empty is not there.
 */
export function canonical(kind: PieceKind, body: unknown): Canonical {
  const found = new Map<string, string>();
  for (const [path, value] of entriesOf(body, '')) {
    const plain = kind === 'component_template' || kind === 'index_template' ? settingName(path) : path;
    const same = unindexed(plain);
    if (!isAdded(kind, same, value)) found.set(plain, value);
  }
  if (kind === 'index_template' && isObject(body) && isObject(body['data_stream'])) found.set('data_stream', 'yes');
  return found;
}

/** Values that a server adds to what it was given, by the way to them (`[]` for any place in a list); null for whatever value it has. */
const ADDED: Readonly<Record<PieceKind, Readonly<Record<string, string | null>>>> = {
  component_template: times(),
  index_template: {
    ...times(),
    'data_stream.hidden': 'false',
    'data_stream.allow_custom_routing': 'false',
    'data_stream.replicated': 'false',
    'data_stream.timestamp_field.name': '@timestamp',
  },
  ilm_policy: {},
  ism_policy: {
    'policy.policy_id': null,
    'policy.last_updated_time': null,
    'policy.schema_version': null,
    'policy.ism_template[].last_updated_time': null,
    'policy.states[].actions[].retry.count': '3',
    'policy.states[].actions[].retry.backoff': 'exponential',
    'policy.states[].actions[].retry.delay': '1m',
    'policy.states[].actions[].rollover.copy_alias': 'false',
    'policy.states[].actions[].rollover.prevent_empty_rollover': 'false',
  },
  data_stream: {},
};

/** Where security is on, a policy says whose it is. */
const ISM_USER = 'policy.user.';

/** Since 9.1 Elasticsearch says when a template was made and changed. */
function times(): Readonly<Record<string, null>> {
  return { created_date: null, created_date_millis: null, modified_date: null, modified_date_millis: null };
}

function isAdded(kind: PieceKind, path: string, value: string): boolean {
  if (kind === 'ism_policy' && path.startsWith(ISM_USER)) return true;
  const added = ADDED[kind];
  if (!Object.hasOwn(added, path)) return false;
  const by = added[path];
  return by === null || by === value;
}

function unindexed(path: string): string {
  return path.replace(/\[\d+\]/g, '[]');
}

const SETTINGS = 'template.settings.';

/** Settings may be written `index.codec` or `codec`, the servers answer the first. */
function settingName(path: string): string {
  if (!path.startsWith(SETTINGS)) return path;
  const name = path.slice(SETTINGS.length);
  return `${SETTINGS}${name.startsWith('index.') ? name.slice('index.'.length) : name}`;
}

/** The ways to all values. A list of plain values is one value, since its order counts. */
function* entriesOf(value: unknown, path: string): Generator<[string, string]> {
  if (value === null || value === undefined) return;
  if (Array.isArray(value)) {
    if (value.length === 0) return;
    if (value.every((item) => !isObject(item))) yield [path, JSON.stringify(value.map(String))];
    else for (const [i, item] of value.entries()) yield* entriesOf(item, `${path}[${i}]`);
    return;
  }
  if (!isObject(value)) {
    yield [path, String(value)];
    return;
  }
  for (const [name, inner] of Object.entries(value)) yield* entriesOf(inner, path === '' ? name : `${path}.${name}`);
}

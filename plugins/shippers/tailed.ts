import type { JsonObject } from '../../src/record/json-object.js';

/** Where Fluentd and Fluent Bit keep a line that they tailed, unparsed. */
const TEXT_KEYS = ['log', 'message'] as const;

/** What shippers are commonly told to add to such a line; the first that is there counts. */
const HOST_KEYS = ['host', 'hostname', 'Hostname', 'host_name'] as const;
const PATH_KEYS = ['path', 'file', 'filename', 'file_path', 'filepath', 'tailed_path'] as const;
const PROGRAM_KEYS = ['service', 'programname', 'program', 'ident'] as const;
const TIME_KEYS = ['@timestamp', 'timestamp', 'time', 'date'] as const;
const OTHER_KEYS = ['tag', 'fluentd_tag', 'stream', 'offset', 'environment', 'region', 'cluster'] as const;

const SHIPPERS: ReadonlySet<string> = new Set<string>([...HOST_KEYS, ...PATH_KEYS, ...PROGRAM_KEYS, ...OTHER_KEYS]);
const KNOWN: ReadonlySet<string> = new Set<string>([...TEXT_KEYS, ...TIME_KEYS, ...SHIPPERS]);

/** A line as it was tailed, and what the shipper said of it, as it said it. */
export interface Tailed {
  readonly text: string;
  readonly host: unknown;
  readonly path: unknown;
  readonly program: unknown;
  readonly time: unknown;
}

/**
 * The line in a record that Fluentd's `in_tail` (without parsing) or Fluent Bit's `tail` made of it. Null for any other object: one with a key that is
 * not a shipper's is the record of a program, and is not to be taken apart.
 */
export function tailedLine(object: JsonObject): Tailed | null {
  const [text, second] = TEXT_KEYS.flatMap((key) => (typeof object[key] === 'string' ? [object[key]] : []));
  if (text === undefined || second !== undefined) return null;
  const keys = Object.keys(object);
  if (!keys.every((key) => KNOWN.has(key))) return null;
  // A message and its time may be all that a program writes.
  if (!('log' in object) && !keys.some((key) => SHIPPERS.has(key))) return null;
  const first = (keys: readonly string[]): unknown => object[keys.find((key) => object[key] !== undefined) ?? ''];
  return { text, host: first(HOST_KEYS), path: first(PATH_KEYS), program: first(PROGRAM_KEYS), time: first(TIME_KEYS) };
}

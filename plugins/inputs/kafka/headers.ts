import { isUtf8 } from 'node:buffer';

const MOST = 16;
const LONGEST_NAME = 64;
const LONGEST_VALUE = 256;

/** The headers of a message as node-rdkafka gives them: each an object with one key. */
export type Headers = readonly Readonly<Record<string, string | Buffer>>[];

/** Those that are short text, at most 16 of them; the last of each name. Null where there is none. */
export function simpleHeaders(headers: Headers | undefined): Readonly<Record<string, string>> | null {
  if (headers === undefined || headers.length === 0) return null;
  const simple = new Map<string, string>();
  for (const header of headers) {
    for (const [name, value] of Object.entries(header)) {
      if (simple.size === MOST || name.length > LONGEST_NAME || value.length > LONGEST_VALUE) continue;
      if (typeof value === 'string') simple.set(name, value);
      else if (isUtf8(value)) simple.set(name, value.toString('utf8'));
    }
  }
  return simple.size === 0 ? null : Object.fromEntries(simple);
}

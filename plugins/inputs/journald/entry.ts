import { isUtf8 } from 'node:buffer';
import { isObject, type JsonObject } from '../../../src/record/json-object.js';
import { plausibleTime } from '../../../src/record/plausible.js';

/** An entry of the journal, in the JSON of journalctl (https://systemd.io/JOURNAL_EXPORT_FORMATS/#journal-json-format). */
export interface Entry {
  /** Names its place in the journal. */
  readonly cursor: string;
  /** When the journal got it, in milliseconds since the epoch; NaN where it does not say. */
  readonly time: number;
  readonly message: string;
  /** The message is no UTF-8; what is not became U+FFFD. */
  readonly damaged: boolean;
  /** A field's value; empty where it has none. */
  text(field: string): string;
}

/** The entry on a line of journalctl; null where it is none, for whatever reason. Never throws. */
export function entryOf(line: string): Entry | null {
  let object: unknown;
  try {
    object = JSON.parse(line);
  } catch {
    return null;
  }
  if (!isObject(object)) return null;
  const cursor = object['__CURSOR'];
  if (typeof cursor !== 'string' || cursor === '') return null;
  const entry = object;
  const micros = Number(valuesOf(entry, '__REALTIME_TIMESTAMP')[0]?.text ?? Number.NaN);
  // A field that was given several times has several values.
  const messages = valuesOf(entry, 'MESSAGE');
  return {
    cursor,
    time: plausibleTime(Math.floor(micros / 1000)),
    message: messages.map(({ text }) => text).join('\n'),
    damaged: messages.some(({ damaged }) => damaged),
    text: (field) => valuesOf(entry, field)[0]?.text ?? '',
  };
}

interface Value {
  readonly text: string;
  readonly damaged: boolean;
}

/** A string; bytes, where the value is no UTF-8 or holds control characters; a list of both, where there are several; null for what is too long. */
function valuesOf(object: JsonObject, field: string): readonly Value[] {
  const value = object[field];
  if (typeof value === 'string') return [{ text: value, damaged: false }];
  if (!Array.isArray(value) || value.length === 0) return [];
  if (typeof value[0] === 'number') return [textOfBytes(value)];
  return value.flatMap((one: unknown) =>
    typeof one === 'string' ? [{ text: one, damaged: false }] : Array.isArray(one) ? [textOfBytes(one)] : [],
  );
}

function textOfBytes(numbers: readonly unknown[]): Value {
  const bytes = Buffer.from(numbers.map((one) => (typeof one === 'number' ? one : 0)));
  return { text: bytes.toString('utf8'), damaged: !isUtf8(bytes) };
}

import { isObject, type JsonObject } from '../../src/record/json-object.js';
import { Reader } from './msgpack-read.js';
import { Malformed } from './msgpack-scan.js';

/** What is to be known of a message beside its entries. */
export interface Frame {
  readonly tag: string;
  /** Entries, one behind the other: arrays of time and record, or of one message the two alone. */
  readonly entries: Buffer;
  readonly form: 'entries' | 'single';
  readonly isCompressed: boolean;
  /** The sender wants to be told, by this id, that the message is safe; null where it does not. */
  readonly chunk: string | null;
  /** What Fluent Bit says of the kind of its records (`fluent_signal`): 0 are logs. */
  readonly signal: number;
}

const LONGEST_CHUNK = 512;

/**
 * A message of the Forward protocol in any of its modes (https://github.com/fluent/fluentd/wiki/Forward-Protocol-Specification-v1#event-modes); null
 * for a heartbeat, which is a nil. The entries are not looked at. @throws Malformed for anything else
 */
export function readFrame(bytes: Buffer): Frame | null {
  if (bytes.length === 1 && bytes[0] === 0xc0) return null;
  const reader = new Reader(bytes);
  const parts = reader.array();
  if (parts === null || parts < 2 || parts > 4) throw new Malformed('no message of the Forward protocol');
  const tag = reader.raw();
  if (tag === null) throw new Malformed('a message whose tag is no text');
  const packed = reader.raw();
  if (packed !== null) return framed(tag, packed, 'entries', parts > 2 ? reader.value() : null);
  const from = reader.at;
  if (reader.array() !== null) {
    const first = reader.at;
    reader.rewind(from);
    reader.skip();
    return framed(tag, bytes.subarray(first, reader.at), 'entries', parts > 2 ? reader.value() : null);
  }
  if (parts < 3) throw new Malformed('a message without a record');
  reader.skip();
  reader.skip();
  return framed(tag, bytes.subarray(from, reader.at), 'single', parts > 3 ? reader.value() : null);
}

function framed(tag: Buffer, entries: Buffer, form: Frame['form'], found: unknown): Frame {
  const option: JsonObject = isObject(found) ? found : {};
  const { chunk, compressed, fluent_signal: signal } = option;
  if (typeof compressed === 'string' && compressed !== 'gzip' && compressed !== 'text')
    throw new Malformed('entries in a compression other than gzip');
  if (typeof chunk === 'string' && chunk.length > LONGEST_CHUNK) throw new Malformed('a chunk id without end');
  return {
    tag: tag.toString('utf8'),
    entries,
    form,
    isCompressed: compressed === 'gzip',
    chunk: typeof chunk === 'string' && chunk !== '' ? chunk : null,
    signal: typeof signal === 'number' ? signal : 0,
  };
}

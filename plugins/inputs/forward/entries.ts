import { gunzip } from 'node:zlib';
import { isObject, type JsonObject } from '../../../src/record/json-object.js';
import { plausibleTime } from '../../../src/record/plausible.js';
import type { Frame } from '../../forward/frame.js';
import { EventTime, type Reader } from '../../forward/msgpack-read.js';
import { Malformed, Scanner } from '../../forward/msgpack-scan.js';

/** What a sender forwarded as one record. */
export interface Entry {
  /** Milliseconds since the epoch; NaN where it is none. */
  readonly time: number;
  readonly record: unknown;
  /** What Fluent Bit keeps beside a record; null for nothing. */
  readonly metadata: JsonObject | null;
}

/** Times by which Fluent Bit says that a group of records begins or ends; such an entry is no record. */
const GROUP_MARKS = [0xffff_ffff, 0xffff_fffe, -1, -2];

/**
 * The entries of a frame as they are, behind each other, uncompressed and each of them whole.
 * @throws Malformed where they are not, or are more than `maxBytes`
 */
export async function entriesOf(frame: Frame, maxBytes: number): Promise<Buffer> {
  const bytes = frame.isCompressed ? await unzipped(frame.entries, maxBytes) : frame.entries;
  const scanner = new Scanner(bytes.length);
  for (let at = 0; at < bytes.length; ) {
    const end = scanner.end(bytes, at);
    if (end < 0) throw new Malformed('the last entry is not whole');
    at = end;
  }
  return bytes;
}

function unzipped(bytes: Buffer, maxBytes: number): Promise<Buffer> {
  return new Promise((resolve, reject) => {
    gunzip(bytes, { maxOutputLength: maxBytes }, (error, result) => {
      if (error === null) resolve(result);
      else if ('code' in error && error.code === 'ERR_BUFFER_TOO_LARGE')
        reject(new Malformed(`a compressed chunk holds more than ${maxBytes} bytes`));
      else reject(new Malformed(`a compressed chunk cannot be uncompressed: ${error.message}`));
    });
  });
}

/** The next entry; null for a mark of a group. Whatever is there counts as a record: nothing is refused. */
export function nextEntry(reader: Reader, form: Frame['form']): Entry | null {
  reader.begin();
  if (form === 'single') return entryOf([reader.value(), reader.value()]);
  const from = reader.at;
  const parts = reader.array();
  if (parts === null) return { time: Number.NaN, record: reader.value(), metadata: null };
  if (parts < 2 || parts > 3) {
    reader.rewind(from);
    return { time: Number.NaN, record: reader.value(), metadata: null };
  }
  const values: unknown[] = [];
  for (let i = 0; i < parts; i++) values.push(reader.value());
  return entryOf(values);
}

function entryOf([head, record]: readonly unknown[]): Entry | null {
  const [at, metadata] = Array.isArray(head) ? head : [head, null];
  const seconds = at instanceof EventTime ? at.seconds : at;
  if (typeof seconds === 'number' && GROUP_MARKS.includes(seconds)) return null;
  return { time: timeOf(at), record, metadata: isObject(metadata) && Object.keys(metadata).length > 0 ? metadata : null };
}

/** Seconds, with a fraction or without, or Fluentd's own. Nothing was written at the epoch: a zero is a time that nobody set. */
function timeOf(value: unknown): number {
  const time = value instanceof EventTime ? value.milliseconds : typeof value === 'number' ? Math.floor(value * 1000) : Number.NaN;
  return time > 0 ? plausibleTime(time) : Number.NaN;
}

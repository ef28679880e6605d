import { plausibleTime } from '../plausible.js';
import type { LogRecord } from '../record.js';
import { JsonBytes } from './json-bytes.js';
import { type TameFields, tameFields } from './tame-fields.js';

export interface DocumentOptions {
  /** For search servers: what the line carried by its own names is kept within what they take (`tame-fields.ts`). Without it everything is written as it is. */
  readonly tame?: boolean;
}

/** Writes records as JSON, one behind the other, into one memory. */
export interface DocumentWriter {
  /** Adds a record as one JSON object without a line end. */
  add(record: LogRecord): void;
  /** Adds text as it is, such as a line end or the action line of a bulk: ASCII. */
  text(text: string): void;
  /** Adds a record with a line end. */
  addLine(record: LogRecord): void;
  /** What was added since the last {@link clear}, in the writer's memory: valid until something else is added. */
  readonly bytes: Buffer;
  clear(): void;
  /** As {@link bytes}, but the memory is the caller's from now on; the writer goes on in `buffer`. */
  exchange(buffer: Buffer): Buffer;
}

/** What stands in for a profile that is written as one object a record: `now` is in milliseconds since the epoch, `carried` what the line carried. */
export type DocumentOf = (record: LogRecord, now: number, carried: TameFields) => object;

const NOTHING: TameFields = { extra: null, json: '' };

/** Writes a profile that is given as a function of the record. */
export class ObjectWriter implements DocumentWriter {
  readonly #documentOf: DocumentOf;
  readonly #json: JsonBytes;
  readonly #tame: boolean;

  constructor(documentOf: DocumentOf, capacity = 65_536, options: DocumentOptions = {}) {
    this.#documentOf = documentOf;
    this.#json = new JsonBytes(capacity);
    this.#tame = options.tame ?? false;
  }

  get bytes(): Buffer {
    return this.#json.buffer.subarray(0, this.#json.at);
  }

  add(record: LogRecord): void {
    this.#json.json(this.#documentOf(record, Date.now(), this.#carried(record.fields)));
  }

  text(text: string): void {
    this.#json.plain(text);
  }

  addLine(record: LogRecord): void {
    this.add(record);
    this.#json.buffer[this.#json.at++] = 10;
  }

  clear(): void {
    this.#json.at = 0;
  }

  exchange(buffer: Buffer): Buffer {
    const { bytes } = this;
    this.#json.buffer = buffer;
    this.#json.at = 0;
    return bytes;
  }

  #carried(fields: LogRecord['fields']): TameFields {
    if (fields === null) return NOTHING;
    return this.#tame ? tameFields(fields) : { extra: fields, json: '' };
  }
}

/** When the record was written; where it does not say, the time of reading, and `time: 'read'` for its verdict. */
export function timeOf(record: LogRecord, now: number): { readonly iso: string; readonly time: 'read' | undefined } {
  const known = plausibleTime(record.timestamp);
  return Number.isNaN(known) ? { iso: new Date(now).toISOString(), time: 'read' } : { iso: new Date(known).toISOString(), time: undefined };
}

/** A text; undefined, which JSON leaves away, where it is empty. */
export function given(text: string | undefined): string | undefined {
  return text === '' ? undefined : text;
}

/** A number; undefined where it is below the least that it can be. */
export function known(value: number | undefined, least = 0): number | undefined {
  return value === undefined || value < least ? undefined : value;
}

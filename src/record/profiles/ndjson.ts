import type { LogRecord } from '../record.js';
import { EcsEncoder } from './ecs.js';

const NEWLINE = 10;
/** UTF-8 takes up to three bytes for a character of a JavaScript string. */
const BYTES_PER_CHARACTER = 3;

/** Writes records as lines of JSON (ECS) into one buffer that is used again and again. */
export class NdjsonWriter {
  readonly #encoder = new EcsEncoder();
  #buffer: Buffer;

  /** `capacity` bytes are handed out at a time; a record that is larger gets a buffer of its size. */
  constructor(readonly capacity = 1_048_576) {
    this.#buffer = Buffer.allocUnsafeSlow(capacity);
  }

  /** The lines of all records, in pieces. A piece is overwritten when the next is asked for. */
  *pieces(records: readonly LogRecord[]): Generator<Buffer> {
    let at = 0;
    for (const record of records) {
      const text = this.#encoder.encode(record);
      const room = (this.#encoder.ascii ? text.length : text.length * BYTES_PER_CHARACTER) + 1;
      if (at + room > this.#buffer.length) {
        if (at > 0) yield this.#buffer.subarray(0, at);
        at = 0;
        if (room > this.#buffer.length) this.#buffer = Buffer.allocUnsafeSlow(room);
        else if (this.#buffer.length > this.capacity && room <= this.capacity) this.#buffer = Buffer.allocUnsafeSlow(this.capacity);
      }
      at += this.#buffer.write(text, at, this.#encoder.ascii ? 'latin1' : 'utf8');
      this.#buffer[at++] = NEWLINE;
    }
    if (at > 0) yield this.#buffer.subarray(0, at);
  }
}

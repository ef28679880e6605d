import type { LogRecord } from '../record.js';
import { EcsEncoder } from './ecs.js';

/** Room for what a block of the file input becomes. */
const CAPACITY = 524_288;
/** From here on memory is handed over instead of copied. */
const LARGE = CAPACITY / 4;
/** So many buffers are kept for use again; more come only while an output is slow. */
const KEPT = 8;

/** Writes records as lines of JSON (ECS). */
export class NdjsonWriter {
  readonly #encoder = new EcsEncoder(CAPACITY);
  readonly #free: ArrayBuffer[] = [];

  /** The lines of all records, in memory of their own. Give it back by {@link recycle} where that is easy: fresh memory is dear. */
  lines(records: readonly LogRecord[]): Buffer {
    const encoder = this.#encoder;
    // A record that could not be written has left half of itself.
    encoder.clear();
    for (const record of records) encoder.addLine(record);
    const { bytes } = encoder;
    return bytes.length < LARGE ? Buffer.from(bytes) : encoder.exchange(Buffer.from(this.#free.pop() ?? new ArrayBuffer(CAPACITY)));
  }

  /** Nobody uses these lines any more. */
  recycle(lines: Buffer): void {
    const { buffer } = lines;
    if (buffer instanceof ArrayBuffer && buffer.byteLength === CAPACITY && this.#free.length < KEPT) this.#free.push(buffer);
  }
}

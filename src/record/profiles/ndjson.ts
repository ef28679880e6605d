import type { LogRecord } from '../record.js';
import { EcsEncoder } from './ecs.js';

/** Writes records as lines of JSON (ECS), through one buffer that is used again and again. */
export class NdjsonWriter {
  readonly #encoder = new EcsEncoder(262_144);

  /** The lines of all records, in memory of their own. */
  lines(records: readonly LogRecord[]): Buffer {
    const encoder = this.#encoder;
    const full: Buffer[] = [];
    for (const record of records) {
      if (!encoder.fits(record)) full.push(Buffer.from(encoder.take()));
      encoder.addLine(record);
    }
    const last = Buffer.from(encoder.take());
    return full.length === 0 ? last : Buffer.concat([...full, last]);
  }
}

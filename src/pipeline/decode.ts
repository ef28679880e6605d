import { Transform, type TransformCallback } from 'node:stream';
import { checksumOf } from '../record/id.js';
import { Joiner, type JoinerLimits } from '../record/joiner.js';
import type { LogRecord } from '../record/record.js';
import type { LineBlock, Source } from '../record/source.js';
import type { Batch } from './batch.js';

/** What a record takes beside its text, encoded: a million short lines must not pass for a few bytes. */
const RECORD_BYTES = 512;

export interface DecodeOptions extends JoinerLimits {
  /** A record that has heard nothing for so long is complete. */
  readonly pauseMs: number;
}

interface Reading {
  readonly joiner: Joiner;
  /** How long nothing has come, in ticks of the timer. */
  quiet: number;
  resumeAt: number;
}

/**
 * The timer comes every half pause, and a pause is over when it comes this often without a block. Not by the clock: while this process was busy, or
 * nobody took the batches, blocks may have waited, and the rest of a record in them.
 */
const QUIET = 3;
/** What a tick counts while blocks are held back, but some get through: those of this source would have, too, in so much more time. */
const SLOWLY = 0.1;

/** Blocks of lines in, batches of records out. */
export class DecodeStage extends Transform {
  readonly #readings = new Map<Source, Reading>();
  /** Something has come since the last tick. */
  #moved = false;
  readonly #timer: NodeJS.Timeout;

  constructor(
    readonly options: DecodeOptions,
    readonly signal: AbortSignal,
  ) {
    super({ objectMode: true, highWaterMark: 1 });
    this.#timer = setInterval(() => this.tick(), Math.max(10, options.pauseMs / 2)).unref();
  }

  override _transform(block: LineBlock, _encoding: BufferEncoding, done: TransformCallback): void {
    try {
      this.#decode(block);
      done();
    } catch (error) {
      // A defect: the stream ends with it in order, instead of the process without.
      done(error as Error);
    }
  }

  #decode(block: LineBlock): void {
    const reading = this.#reading(block.source);
    reading.quiet = 0;
    this.#moved = true;
    const records = reading.joiner.feed(block);
    if (block.last === true) {
      records.push(...reading.joiner.flush());
      this.#readings.delete(block.source);
    }
    this.#emit(block.source, reading, records, block.bytes);
  }

  /** The input has ended. What was stopped half-way is left unread instead of torn: its position is not settled, so it comes again. */
  override _flush(done: TransformCallback): void {
    clearInterval(this.#timer);
    if (!this.signal.aborted) this.#flushQuiet(0);
    done();
  }

  override _destroy(error: Error | null, done: (error?: Error | null) => void): void {
    clearInterval(this.#timer);
    done(error);
  }

  #reading(source: Source): Reading {
    let reading = this.#readings.get(source);
    if (reading === undefined) {
      reading = { joiner: new Joiner(source, this.options), quiet: 0, resumeAt: -1 };
      this.#readings.set(source, reading);
    }
    return reading;
  }

  /**
   * Half a pause has passed. Records that heard nothing for a whole one are complete, unless what they would hear is held back: while nothing at all gets
   * through no time passes for them, and little while it is slow.
   */
  tick(): void {
    const heldBack = this.readableLength > 0;
    const passed = heldBack ? (this.#moved ? SLOWLY : 0) : 1;
    this.#moved = false;
    for (const reading of this.#readings.values()) reading.quiet += passed;
    this.#flushQuiet(QUIET);
  }

  #flushQuiet(least: number): void {
    for (const [source, reading] of this.#readings) {
      const { records, bytes } = reading.joiner.held;
      if (reading.quiet >= least && records > 0) this.#emit(source, reading, reading.joiner.flush(), bytes);
    }
  }

  #emit(source: Source, reading: Reading, records: LogRecord[], bytes: number): void {
    const resumeAt = reading.joiner.resumeAt;
    if (records.length === 0 && resumeAt === reading.resumeAt) return;
    reading.resumeAt = resumeAt;
    for (const record of records) record.checksum = checksumOf(record);
    this.push({ source, records, bytes: bytes + records.length * RECORD_BYTES, resumeAt } satisfies Batch);
  }
}

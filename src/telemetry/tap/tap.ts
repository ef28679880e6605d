import { EcsEncoder } from '../../record/profiles/ecs.js';
import type { LogRecord } from '../../record/record.js';
import { compileFilter } from './filter.js';
import { noteLine, type TapNote } from './note.js';
import { Pace } from './pace.js';
import type { TapRequest } from './request.js';
import { Sample } from './sample.js';

/** All lines of one write together, and the text of one record. */
const MAX_WRITE_BYTES = 1_048_576;
const MAX_RECORD_CHARS = 262_144;
/** So often at least something is written: whoever reads knows then that the agent is there, and a reader that is gone is found out. */
const NOTE_MS = 5000;

/** Who reads: as much of a stream as a tap needs. */
export interface TapReader {
  /** It has not taken yet what it was given. */
  readonly writableNeedDrain: boolean;
  write(bytes: Buffer | string): boolean;
  end(last: string): unknown;
}

/**
 * One sample of the records that pass. It never waits for its reader: what that has not taken when the next write is due is counted instead, so that no more
 * than one write is ever held for it.
 */
export class Tap {
  readonly #wanted: (record: LogRecord) => boolean;
  readonly #pace: Pace;
  readonly #sample: Sample;
  readonly #encoder = new EcsEncoder();
  #quota: number;
  #passed = 0;
  #matched = 0;
  #shown = 0;
  #overRate = 0;
  #slowReader = 0;
  #tooLarge = 0;
  #noted: number;
  #ended = false;

  /** @param now milliseconds on a clock that only goes forward. */
  constructor(
    readonly request: TapRequest,
    readonly reader: TapReader,
    readonly now: () => number = () => performance.now(),
    random?: () => number,
  ) {
    this.#wanted = compileFilter(request);
    this.#pace = new Pace(request.rate);
    this.#sample = new Sample(MAX_WRITE_BYTES, random);
    this.#quota = this.#quotaNow();
    this.#noted = now();
  }

  /** How long until each {@link beat}. */
  get intervalMs(): number {
    return this.#pace.intervalMs;
  }

  get ended(): boolean {
    return this.#ended;
  }

  /** Counts so far. */
  get note(): TapNote {
    const leftOut = { over_rate: this.#overRate, slow_reader: this.#slowReader, too_large: this.#tooLarge };
    return { passed: this.#passed, matched: this.#matched, shown: this.#shown, left_out: leftOut, end: null };
  }

  /** Records pass; none of them is kept. */
  take(records: readonly LogRecord[]): void {
    if (this.#ended) return;
    this.#passed += records.length;
    for (const record of records) {
      if (!this.#wanted(record)) continue;
      this.#matched++;
      this.#sample.pass(this.#quota, () => this.#line(record));
    }
  }

  /** An interval is over: writes what was chosen in it. */
  beat(): void {
    if (this.#ended) return;
    this.#write();
    if (this.request.count !== null && this.#shown >= this.request.count) this.#end('count');
    else if (this.now() - this.#noted >= NOTE_MS && !this.reader.writableNeedDrain) {
      this.#noted = this.now();
      this.reader.write(noteLine(this.note));
    }
    this.#quota = this.#quotaNow();
  }

  /** The agent ends: says so, as the last line. */
  end(): void {
    if (this.#ended) return;
    this.#write();
    this.#end('agent');
  }

  #end(end: 'count' | 'agent'): void {
    this.#ended = true;
    this.reader.end(noteLine({ ...this.note, end }));
  }

  #write(): void {
    const { lines, overRate, tooLarge } = this.#sample.take();
    this.#overRate += overRate;
    this.#tooLarge += tooLarge;
    this.#pace.next(lines.length, overRate > 0);
    if (lines.length === 0) return;
    if (this.reader.writableNeedDrain) {
      this.#slowReader += lines.length;
      return;
    }
    this.#shown += lines.length;
    this.reader.write(Buffer.concat(lines));
  }

  #quotaNow(): number {
    const { quota } = this.#pace;
    return this.request.count === null ? quota : Math.min(quota, this.request.count - this.#shown);
  }

  /** The record's line, in memory of its own; null where it is too large. */
  #line(record: LogRecord): Buffer | null {
    if (record.message.length + (record.error?.stackTrace.length ?? 0) > MAX_RECORD_CHARS) return null;
    this.#encoder.clear();
    this.#encoder.addLine(record);
    return Buffer.from(this.#encoder.bytes);
  }
}

import { Decoder } from './decode.js';
import { beginsTraceback } from './exception.js';
import { OpenRecord } from './open-record.js';
import { LogRecord } from './record.js';
import type { LineBlock, Source } from './source.js';
import { Spans } from './spans.js';

/** What one record may hold. Lines beyond are counted in its field `dropped_lines` and not kept; the record is marked as truncated. */
export interface JoinerLimits {
  readonly maxLines: number;
  /** Length of all its lines, in UTF-16 code units: bytes, as long as the text is ASCII. */
  readonly maxBytes: number;
}

/**
 * How much the log's own time may move on before a record is complete, in milliseconds. The lines of a traceback are written at once and share
 * the head's time; only a slow disk or another process's burst comes between them, and a second of that is much. A longer time would hold
 * back every record of a file that several processes write, since records leave in the order of their heads.
 */
const OPEN_MS = 1000;

/**
 * Makes records of the lines of one source.
 *
 * A record is a line of a known form and what continues it: lines of no known form, where its own form can have several, and the lines of its
 * traceback, which repeat its time, process and logger (other processes' lines may stand between). It is complete when its process writes the
 * next record, when the log's time has moved on by a second, when more than the limits' lines or bytes have passed since its head, or on
 * {@link flush}. Records leave in the order of their heads.
 */
export class Joiner {
  readonly #decoder: Decoder;
  readonly #limits: JoinerLimits;
  /** Not handed out yet, in order. The first is open; later ones may be complete and wait for it. */
  #held: OpenRecord[] = [];
  /** The newest record of each process, which may be complete (to delete and insert all the time is slow); only used while several are held. */
  readonly #newest = new Map<string | number, OpenRecord>();
  /** The record of the line before. */
  #current: OpenRecord | null = null;
  readonly #spans: Spans;
  /** Position after all lines that were fed. */
  #end = 0;
  /** Lines and their length so far, to tell how long a record has been open. */
  #lines = 0;
  #bytes = 0;
  /** Time after which an open record has expired; infinite while unknown. */
  #expiry = Number.POSITIVE_INFINITY;

  /** @param now milliseconds since the epoch, for timestamps without a year */
  constructor(source: Source, limits: JoinerLimits, now: () => number = Date.now) {
    this.#decoder = new Decoder(source, now);
    this.#limits = limits;
    this.#spans = new Spans(limits.maxBytes);
  }

  /** Takes lines that follow those fed before; gives the records that they complete, ids unset. */
  feed(block: LineBlock): LogRecord[] {
    if (block.apart === true) return this.#feedApart(block);
    const { lines, offsets, cut, whole, times, fields } = block;
    const out: LogRecord[] = [];
    const decoder = this.#decoder;
    for (let i = 0; i < lines.length; i++) {
      const line = lines[i] ?? '';
      const offset = offsets[i] ?? 0;
      const isCut = cut?.has(i) === true;
      this.#lines++;
      this.#bytes += line.length;
      const record = whole?.has(i) === true ? decoder.decodeWhole(line, offset) : decoder.decode(line, offset);
      const more = fields?.get(i);
      if (record === null) this.#addRaw(line, offset, isCut, times?.[i] ?? Number.NaN, more, out);
      else {
        if (isCut) record.truncated = true;
        if (times !== undefined && Number.isNaN(record.timestamp)) record.timestamp = times[i] ?? Number.NaN;
        if (more !== undefined) record.fields = { ...more, ...record.fields };
        if (!decoder.traceback || !this.#addTrace(record, line.length, isCut)) this.#begin(record, line.length, out);
      }
    }
    this.#end = block.end;
    return out;
  }

  /** Texts of which each is a record: what is held is complete, and nothing will be. */
  #feedApart({ lines, offsets, cut, whole, times, fields, end }: LineBlock): LogRecord[] {
    const out = this.flush();
    let open: OpenRecord | null = null;
    for (let i = 0; i < lines.length; i++) {
      const line = lines[i] ?? '';
      const offset = offsets[i] ?? 0;
      const known = whole?.has(i) === true ? this.#decoder.decodeWhole(line, offset) : this.#decoder.decode(line, offset);
      const record = known ?? new LogRecord(this.#decoder.source, offset, line);
      if (cut?.has(i) === true) record.truncated = true;
      if (times !== undefined && Number.isNaN(record.timestamp)) record.timestamp = times[i] ?? Number.NaN;
      const more = fields?.get(i);
      if (more !== undefined) record.fields = { ...more, ...record.fields };
      if (open === null) open = new OpenRecord(record, line.length, 0, 0);
      else open.begin(record, line.length, 0, 0);
      out.push(open.finish());
    }
    this.#end = end;
    return out;
  }

  /** Completes what is held: nothing that could continue it is expected, or will be waited for. */
  flush(): LogRecord[] {
    const out: LogRecord[] = [];
    for (const open of this.#held) open.closed = true;
    this.#handOut(out);
    this.#current = null;
    return out;
  }

  /**
   * The position from which reading again gives the records that were not handed out, each whole: a record that was handed out although its last
   * lines lie behind the head of one that was not comes again too.
   */
  get resumeAt(): number {
    return this.#spans.before(this.#held[0]?.record.offset ?? this.#end);
  }

  /** What waits for its end. `bytes` as in {@link JoinerLimits}. */
  get held(): { records: number; bytes: number } {
    let bytes = 0;
    for (const open of this.#held) bytes += open.bytes;
    return { records: this.#held.length, bytes };
  }

  /** A record's head. */
  #begin(record: LogRecord, bytes: number, out: LogRecord[]): void {
    const only = this.#held.length === 1 ? this.#held[0] : undefined;
    if (only !== undefined && (only.isOfSameProcess(record) || !only.takesTraceback)) {
      // The common case, one process per file: the record before is complete, and its place is used again.
      out.push(only.finish());
      if (this.#newest.size > 0) this.#newest.clear();
      only.begin(record, bytes, this.#lines, this.#bytes);
      this.#current = only;
      this.#expiry = only.expiry(OPEN_MS);
      return;
    }
    const next = new OpenRecord(record, bytes, this.#lines, this.#bytes);
    if (this.#held.length > 0) this.#makeWay(next, out);
    this.#held.push(next);
    this.#current = next;
    this.#expiry = Math.min(this.#expiry, next.expiry(OPEN_MS));
  }

  /** Closes what the next head completes, and remembers by process what stays open. */
  #makeWay(next: OpenRecord, out: LogRecord[]): void {
    const { timestamp } = next.record;
    const newest = this.#newest;
    if (newest.size === 0) for (const open of this.#held) newest.set(open.key, open);
    if (this.#current !== null && !this.#current.takesTraceback) this.#current.closed = true;
    const { key } = next;
    const before = newest.get(key);
    if (before !== undefined) before.closed = true;
    newest.set(key, next);
    if (timestamp > this.#expiry) this.#closeExpired(timestamp);
    for (const open of this.#held) {
      if (!open.closed && !this.#hasPassed(open)) break;
      open.closed = true;
    }
    this.#handOut(out);
    // Process ids without end, as an attacker would write them, must not fill the memory.
    if (newest.size > 2 * this.#held.length + 64) for (const [name, open] of newest) if (open.closed) newest.delete(name);
  }

  #closeExpired(timestamp: number): void {
    this.#expiry = Number.POSITIVE_INFINITY;
    for (const [key, open] of this.#newest) {
      const expiry = open.expiry(OPEN_MS);
      if (open.closed || timestamp > expiry) {
        open.closed = true;
        this.#newest.delete(key);
      } else this.#expiry = Math.min(this.#expiry, expiry);
    }
  }

  /** Whether so much has been written since its head that a record takes no line of a traceback any more. */
  #hasPassed(open: OpenRecord): boolean {
    return this.#lines - open.atLine > this.#limits.maxLines || this.#bytes - open.atByte > this.#limits.maxBytes;
  }

  /** Gives out the records before the first open one. */
  #handOut(out: LogRecord[]): void {
    const held = this.#held;
    let done = 0;
    while (done < held.length && held[done]?.closed === true) done++;
    if (done === 0) return;
    for (let i = 0; i < done; i++) {
      const open = held[i];
      if (open === undefined) continue;
      // Its lines may lie behind the head of a record that waits, or behind that of one which itself will have to be read again.
      const next = held[i + 1];
      if (next !== undefined && open.lastOffset > next.record.offset) this.#spans.add(open.record.offset, open.lastOffset);
      out.push(open.finish());
    }
    if (done === 1) held.shift();
    else held.splice(0, done);
    if (held.length === 0) {
      this.#newest.clear();
      this.#expiry = Number.POSITIVE_INFINITY;
    }
  }

  /** A line with a traceback's prefix; false where no open record is its head. */
  #addTrace(line: LogRecord, bytes: number, isCut: boolean): boolean {
    const head = this.#headOf(line);
    if (head === null) return false;
    if (head !== this.#current && this.#hasPassed(head)) return false;
    if (!head.hasTraceback && line.format !== 'kolla' && !beginsTraceback(line.message)) return false;
    head.addTrace(line.message, line.offset, bytes, isCut, this.#limits);
    this.#current = head;
    return true;
  }

  #headOf(line: LogRecord): OpenRecord | null {
    const current = this.#current;
    if (current?.isHeadOf(line) === true) return current;
    if (this.#held.length < 2) return null;
    const open = this.#newest.get(OpenRecord.keyOf(line));
    return open?.isHeadOf(line) === true ? open : null;
  }

  /** A line of no known form. */
  #addRaw(
    line: string,
    offset: number,
    isCut: boolean,
    time: number,
    fields: Readonly<Record<string, unknown>> | undefined,
    out: LogRecord[],
  ): void {
    const current = this.#current;
    if (current?.takesRaw(line) === true) {
      current.addRaw(line, offset, isCut, this.#limits);
      return;
    }
    const record = new LogRecord(this.#decoder.source, offset, line);
    record.truncated = isCut;
    record.timestamp = time;
    if (fields !== undefined) record.fields = { ...fields };
    this.#begin(record, line.length, out);
  }
}

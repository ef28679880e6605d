import { once } from 'node:events';
import { createWriteStream, fstatSync, type Stats, statSync } from 'node:fs';
import { finished } from 'node:stream/promises';
import { TrilogError } from '../errors.js';
import { reportFatal } from '../fatal.js';
import { csvHeader, csvRows } from '../record/profiles/csv.js';
import { NdjsonWriter } from '../record/profiles/ndjson.js';
import type { LogRecord } from '../record/record.js';

export type RecordFormat = 'ndjson' | 'csv';

/** Writes records to standard output or to a file, as fast as that takes them. What a method throws is `OUTPUT_UNWRITABLE`, or a reader that has gone. */
export class RecordWriter {
  readonly #ndjson = new NdjsonWriter();
  #stream: NodeJS.WritableStream | null = null;
  /** What went wrong between two writes, when nobody was waiting. */
  #failure: Error | null = null;
  #begun = false;

  constructor(
    readonly format: RecordFormat,
    /** A path, or null for standard output. */
    readonly path: string | null,
  ) {}

  async write(records: readonly LogRecord[]): Promise<void> {
    const header = this.format === 'csv' && !this.#begun ? csvHeader() : '';
    const bytes = this.format === 'csv' ? Buffer.from(header + csvRows(records)) : this.#ndjson.lines(records);
    this.#begun = true;
    if (this.#failure !== null) this.#fail(this.#failure);
    if (bytes.length === 0) return;
    const stream = this.#open();
    if (stream.write(bytes)) return;
    await once(stream, 'drain').catch((cause: unknown) => this.#fail(cause));
  }

  async close(): Promise<void> {
    if (!this.#begun) await this.write([]);
    const stream = this.#open();
    if (this.path !== null) {
      stream.end();
      await finished(stream).catch((cause: unknown) => this.#fail(cause));
    }
    if (this.#failure !== null) this.#fail(this.#failure);
  }

  /** The first fault is the one to tell: a stream that has failed says no more than that it is closed. */
  #fail(cause: unknown): never {
    throw writeFault(this.path, this.#failure ?? cause);
  }

  /** Opened late: an input that cannot be read must not cost the file that is there already. */
  #open(): NodeJS.WritableStream {
    if (this.#stream !== null) return this.#stream;
    this.#stream = this.path === null ? process.stdout : createWriteStream(this.path);
    this.#stream.on('error', (error) => {
      this.#failure ??= error;
    });
    return this.#stream;
  }
}

/**
 * A reader that has seen enough (`| head`) ends a command that only prints, quietly; anything else that is wrong with standard output is told.
 * @param close lets go of threads first: a process that exits over one in the middle of an inference is aborted instead.
 */
export function endWithReader(close: () => Promise<void> = async () => {}): void {
  process.stdout.once('error', (error: NodeJS.ErrnoException) => {
    // What the command still has to say until it ends goes nowhere.
    process.stdout.on('error', () => {});
    const status = error.code === 'EPIPE' ? 0 : reportFatal(writeFault(null, error));
    void close().finally(() => process.exit(status));
  });
}

/** What keeps a file, or standard output, from being written, by its code; a reader that has gone, or a fault of ours, stays as it is. */
export function writeFault(path: string | null, cause: unknown): unknown {
  const { syscall, code, message } = (cause ?? {}) as NodeJS.ErrnoException;
  if (syscall === undefined || code === 'EPIPE') return cause;
  return new TrilogError('OUTPUT_UNWRITABLE', `${path ?? 'stdout'}: ${message}`, { cause });
}

/** Refuses to write over a file that is read, under whatever name (`-` is standard input). @throws TrilogError `USAGE` */
export function refuseInputAsOutput(inputs: readonly string[], output: string): void {
  const target = statSync(output, { throwIfNoEntry: false });
  if (target?.isFile() !== true) return;
  for (const input of inputs) {
    const found = statusOf(input);
    if (found?.dev === target.dev && found.ino === target.ino)
      throw new TrilogError('USAGE', `${output}: it is an input too (${input}), and writing would destroy it; name another output`);
  }
}

function statusOf(input: string): Stats | undefined {
  try {
    return input === '-' ? fstatSync(0) : statSync(input);
  } catch {
    // Reading it will tell what is wrong.
    return undefined;
  }
}

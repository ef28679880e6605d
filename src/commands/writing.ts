import { once } from 'node:events';
import { createWriteStream, fstatSync, type Stats, statSync } from 'node:fs';
import { finished } from 'node:stream/promises';
import { TrilogError } from '../errors.js';
import { reportFatal } from '../fatal.js';
import { csvHeader, csvRows } from '../record/profiles/csv.js';
import { NdjsonWriter } from '../record/profiles/ndjson.js';
import type { LogRecord } from '../record/record.js';

export type RecordFormat = 'ndjson' | 'csv';

/** Writes records to standard output or to a file, as fast as that takes them. */
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
    if (this.#failure !== null) throw this.#failure;
    if (bytes.length === 0) return;
    const stream = this.#open();
    if (!stream.write(bytes)) await once(stream, 'drain');
  }

  async close(): Promise<void> {
    if (!this.#begun) await this.write([]);
    const stream = this.#open();
    if (this.path !== null) {
      stream.end();
      await finished(stream);
    }
    if (this.#failure !== null) throw this.#failure;
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
    const status = error.code === 'EPIPE' ? 0 : reportFatal(error);
    void close().finally(() => process.exit(status));
  });
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

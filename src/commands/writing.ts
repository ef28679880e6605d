import { once } from 'node:events';
import { createWriteStream } from 'node:fs';
import { finished } from 'node:stream/promises';
import { csvHeader, csvRows } from '../record/profiles/csv.js';
import { NdjsonWriter } from '../record/profiles/ndjson.js';
import type { LogRecord } from '../record/record.js';

export type RecordFormat = 'ndjson' | 'csv';

/** Writes records to standard output or to a file, as fast as that takes them. */
export class RecordWriter {
  readonly #ndjson = new NdjsonWriter();
  readonly #stream: NodeJS.WritableStream;
  #begun = false;

  constructor(
    readonly format: RecordFormat,
    /** A path, or null for standard output. */
    readonly path: string | null,
  ) {
    this.#stream = path === null ? process.stdout : createWriteStream(path);
  }

  async write(records: readonly LogRecord[]): Promise<void> {
    const header = this.format === 'csv' && !this.#begun ? csvHeader() : '';
    const bytes = this.format === 'csv' ? Buffer.from(header + csvRows(records)) : this.#ndjson.lines(records);
    this.#begun = true;
    if (bytes.length > 0 && !this.#stream.write(bytes)) await once(this.#stream, 'drain');
  }

  async close(): Promise<void> {
    if (!this.#begun) await this.write([]);
    if (this.path === null) return;
    this.#stream.end();
    await finished(this.#stream);
  }
}

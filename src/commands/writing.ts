import { once } from 'node:events';
import { createWriteStream } from 'node:fs';
import { finished } from 'node:stream/promises';
import { csvHeader, csvRows } from '../record/profiles/csv.js';
import { EcsEncoder } from '../record/profiles/ecs.js';
import type { LogRecord } from '../record/record.js';

export type RecordFormat = 'ndjson' | 'csv';

/** Writes records to standard output or to a file, as fast as that takes them. */
export class RecordWriter {
  readonly #encoder = new EcsEncoder();
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
    let text = '';
    if (this.format === 'csv') text = (this.#begun ? '' : csvHeader()) + csvRows(records);
    else for (const record of records) text += `${this.#encoder.encode(record)}\n`;
    this.#begun = true;
    if (text !== '' && !this.#stream.write(text)) await once(this.#stream, 'drain');
  }

  async close(): Promise<void> {
    if (!this.#begun) await this.write([]);
    if (this.path === null) return;
    this.#stream.end();
    await finished(this.#stream);
  }
}

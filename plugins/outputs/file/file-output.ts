import { type FileHandle, mkdir, open, rename, rm, stat } from 'node:fs/promises';
import { dirname } from 'node:path';
import type { ComponentContext, Output, Rejection } from '../../../src/plugin/contract.js';
import { csvHeader, csvRows } from '../../../src/record/profiles/csv.js';
import { NdjsonWriter } from '../../../src/record/profiles/ndjson.js';
import type { LogRecord } from '../../../src/record/record.js';
import type { FileOutputConfig } from './config.js';
import { isDue, shifts } from './rotation.js';
import { isWholeCsv, wholeLines } from './torn.js';

/** How often to look whether somebody else has moved the file away, in milliseconds. */
const LOOK_EVERY_MS = 1000;

/** Appends to a file; what {@link write} has returned for is on disk. */
export class FileOutput implements Output<Buffer> {
  readonly #ndjson = new NdjsonWriter();
  #handle: FileHandle | null = null;
  /** Held from {@link open} to the first write: it shows the file to be one that the agent itself writes. */
  #claim: FileHandle | null = null;
  #inode = 0;
  #bytes = 0;
  #since = 0;
  #lookedAt = 0;

  constructor(
    readonly config: FileOutputConfig,
    readonly context: ComponentContext,
    readonly now: () => number = Date.now,
  ) {}

  /** Changes nothing in a file that is there: another agent may be writing it while somebody checks a configuration. */
  async open(): Promise<void> {
    await mkdir(dirname(this.config.path), { recursive: true });
    this.#claim = await open(this.config.path, 'a', this.#mode);
  }

  encode(records: readonly LogRecord[]): Buffer {
    if (this.config.format === 'csv') return Buffer.from(csvRows(records));
    return this.#ndjson.lines(records);
  }

  async write(parcels: readonly Buffer[]): Promise<readonly Rejection[]> {
    if (this.#handle === null) await this.#openFile();
    else await this.#follow();
    if (isDue({ bytes: this.#bytes, since: this.#since }, this.config, this.now())) await this.#rotate();
    const handle = this.#handle ?? (await this.#openFile());
    const before = this.#bytes;
    const header = this.config.format === 'csv' && before === 0 ? [Buffer.from(csvHeader())] : [];
    try {
      for (const bytes of [...header, ...parcels]) {
        await handle.appendFile(bytes);
        this.#bytes += bytes.length;
      }
      await handle.datasync();
    } catch (error) {
      // A full disk may have taken a part: it goes, so that the next try leaves no torn or doubled line.
      await handle.truncate(before).catch(() => {});
      this.#bytes = before;
      throw error;
    }
    for (const parcel of parcels) this.#ndjson.recycle(parcel);
    return [];
  }

  async close(): Promise<void> {
    await this.#handle?.close();
    await this.#claim?.close();
    this.#handle = null;
    this.#claim = null;
  }

  get #mode(): number {
    return Number.parseInt(this.config.mode, 8);
  }

  async #openFile(): Promise<FileHandle> {
    let handle = await open(this.config.path, 'a+', this.#mode);
    try {
      let found = await handle.stat();
      if (this.config.format === 'csv' && found.size > 0 && !(await isWholeCsv(handle, found.size, Buffer.from(csvHeader())))) {
        // A header can only be the first line, and where a torn row began cannot be told.
        this.context.log.warn('the CSV file has a torn last row or other columns; a new one is begun', { path: this.config.path });
        await handle.close();
        await this.#shift();
        handle = await open(this.config.path, 'a+', this.#mode);
        found = await handle.stat();
      }
      this.#bytes = this.config.format === 'csv' ? found.size : await this.#endTornLine(handle, found.size);
      this.#inode = found.ino;
      this.#since = found.size === 0 ? this.now() : found.birthtimeMs;
    } catch (error) {
      await handle.close().catch(() => {});
      throw error;
    }
    await this.#claim?.close();
    this.#claim = null;
    this.#handle = handle;
    return handle;
  }

  /** Removes a last line without its end, which a crash left: its record was not stored, and comes again. Returns the size. */
  async #endTornLine(handle: FileHandle, size: number): Promise<number> {
    const whole = await wholeLines(handle, size);
    if (whole === size) return size;
    this.context.count('torn_lines');
    if (whole === undefined) {
      this.context.log.warn('a torn last line is too long to be cut off; it was ended', { path: this.config.path });
      await handle.appendFile('\n');
      return size + 1;
    }
    this.context.log.warn('cut off a torn last line', { path: this.config.path, bytes: size - whole });
    await handle.truncate(whole);
    return whole;
  }

  /** Opens the file anew where somebody has moved it away, as logrotate does. */
  async #follow(): Promise<void> {
    if (this.now() - this.#lookedAt < LOOK_EVERY_MS) return;
    this.#lookedAt = this.now();
    const found = await stat(this.config.path).catch(() => null);
    if (found?.ino === this.#inode) return;
    await this.close();
    await this.#openFile();
  }

  async #rotate(): Promise<void> {
    await this.close();
    await this.#shift();
    await this.#openFile();
    this.context.count('rotations');
  }

  async #shift(): Promise<void> {
    const { remove, renames } = shifts(this.config.path, this.config.keep_files);
    await rm(remove, { force: true });
    for (const [from, to] of renames) {
      await rename(from, to).catch((error: NodeJS.ErrnoException) => {
        if (error.code !== 'ENOENT') throw error;
      });
    }
  }
}

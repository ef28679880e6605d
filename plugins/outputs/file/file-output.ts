import { type FileHandle, mkdir, open, rename, rm, stat } from 'node:fs/promises';
import { dirname } from 'node:path';
import type { ComponentContext, Output, Rejection } from '../../../src/plugin/contract.js';
import { csvHeader, csvRows } from '../../../src/record/profiles/csv.js';
import { NdjsonWriter } from '../../../src/record/profiles/ndjson.js';
import type { LogRecord } from '../../../src/record/record.js';
import type { FileOutputConfig } from './config.js';
import { isDue, shifts } from './rotation.js';

/** How often to look whether somebody else has moved the file away, in milliseconds. */
const LOOK_EVERY_MS = 1000;
/** A torn last line is looked for in so many bytes before the end. */
const TAIL_BYTES = 4_194_304;

/** Appends to a file; what {@link write} has returned for is on disk. */
export class FileOutput implements Output<Buffer> {
  readonly #ndjson = new NdjsonWriter();
  #handle: FileHandle | null = null;
  #inode = 0;
  #bytes = 0;
  #since = 0;
  #lookedAt = 0;

  constructor(
    readonly config: FileOutputConfig,
    readonly context: ComponentContext,
    readonly now: () => number = Date.now,
  ) {}

  async open(): Promise<void> {
    await mkdir(dirname(this.config.path), { recursive: true });
    // A header can only be the first line, and a row torn by a crash cannot be told from one with newlines: CSV begins anew with each start.
    const before = await stat(this.config.path).catch(() => null);
    if (this.config.format === 'csv' && before !== null && before.size > 0) await this.#shift();
    await this.#openFile();
  }

  encode(records: readonly LogRecord[]): Buffer {
    if (this.config.format === 'csv') return Buffer.from(csvRows(records));
    return this.#ndjson.lines(records);
  }

  async write(parcels: readonly Buffer[]): Promise<readonly Rejection[]> {
    await this.#follow();
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
    this.#handle = null;
  }

  async #openFile(): Promise<FileHandle> {
    const handle = await open(this.config.path, 'a+', Number.parseInt(this.config.mode, 8));
    const found = await handle.stat();
    this.#handle = handle;
    this.#inode = found.ino;
    this.#bytes = await this.#cutTornLine(handle, found.size);
    this.#since = found.size === 0 ? this.now() : found.birthtimeMs;
    return handle;
  }

  /** Removes a last line without its end, which a crash left: its record was not stored, and comes again. Returns the size. */
  async #cutTornLine(handle: FileHandle, size: number): Promise<number> {
    if (size === 0 || this.config.format === 'csv') return size;
    const tail = Buffer.alloc(Math.min(size, TAIL_BYTES));
    await handle.read(tail, 0, tail.length, size - tail.length);
    const whole = size - tail.length + tail.lastIndexOf(10) + 1;
    if (whole === size || (whole === size - tail.length && whole > 0)) return size;
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

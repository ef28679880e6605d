import { type FileHandle, open, rename, stat } from 'node:fs/promises';
import { join } from 'node:path';
import { TrilogError } from '../errors.js';
import { isObject } from '../record/json-object.js';
import { ACTIVE_NAME, type DeadLetterLimits, nextNumber, placement, rotatedFiles, rotatedPath } from './dead-letter-files.js';
import { syncFolder } from './folder-sync.js';

/** A record that an output will never take. */
export interface DeadLetter {
  /** The record as JSON in the ECS profile. */
  readonly document: string;
  readonly output: string;
  readonly reason: string;
}

/** What the system says where there is no room: on the disk, by a quota, by a limit on the size of files. */
const NO_ROOM: readonly unknown[] = ['ENOSPC', 'EDQUOT', 'EFBIG'];

/**
 * The last place for records: files of NDJSON in a folder, one `{time, output, reason, record}` a line, on disk before {@link store} resolves.
 * Letters are added to `dead-letters.ndjson`; that is renamed, to a name that never was, before it would become too large.
 */
export class DeadLetterStore {
  /** The file to which letters are added. */
  readonly path: string;
  #handle: FileHandle | null = null;
  #inode = 0;
  /** Bytes in rotated files, as last seen; null before. Others only ever take files away. */
  #rotated: number | null = null;
  /** Several outputs store at a time; what one takes back after a fault must not be another's. */
  #turn: Promise<void> = Promise.resolve();

  constructor(
    readonly folder: string,
    readonly limits: DeadLetterLimits,
    readonly now: () => number = Date.now,
  ) {
    this.path = join(folder, ACTIVE_NAME);
  }

  /**
   * All of the letters, or none. They go into one file, which may by that become larger than `rotateBytes`.
   * @throws TrilogError `DEAD_LETTERS_FULL` where they have no room, and the file system's other errors; nothing is given up for room.
   */
  store(letters: readonly DeadLetter[]): Promise<void> {
    const time = new Date(this.now()).toISOString();
    const bytes = Buffer.from(letters.map((letter) => letterLine(letter, time)).join(''));
    const done = this.#turn.then(() => this.#store(bytes));
    this.#turn = done.catch(() => {});
    return done;
  }

  async #store(bytes: Buffer): Promise<void> {
    try {
      await this.#makeRoom(bytes.length);
      await this.#append(bytes);
    } catch (cause) {
      if (!(cause instanceof Error && 'code' in cause && NO_ROOM.includes(cause.code))) throw cause;
      throw new TrilogError('DEAD_LETTERS_FULL', `${this.folder}: ${cause.message}`, { cause });
    }
  }

  async #makeRoom(incoming: number): Promise<void> {
    const active = (await (await this.#current()).stat()).size;
    this.#rotated ??= await this.#measure();
    let place = placement({ active, rotated: this.#rotated }, incoming, this.limits);
    if (place === 'full') {
      this.#rotated = await this.#measure();
      place = placement({ active, rotated: this.#rotated }, incoming, this.limits);
    }
    // Where it is full the active file is put aside, too: only so can a replay remove what is in it while this process runs.
    if (place !== 'append' && active > 0) await this.#rotate(active);
    if (place !== 'full') return;
    const stored = `${this.#rotated} bytes are stored, ${incoming} more would be beyond dead_letters.max_bytes (${this.limits.maxBytes})`;
    throw new TrilogError('DEAD_LETTERS_FULL', `${this.folder}: ${stored}`);
  }

  async #append(bytes: Buffer): Promise<void> {
    const handle = await this.#current();
    const { size } = await handle.stat();
    try {
      await handle.appendFile(bytes);
      await handle.datasync();
    } catch (error) {
      // What a full disk has taken goes, so that the next try is not glued to half a letter. If that fails, opening the file again ends the line.
      await handle.truncate(size).catch(() => this.#close());
      throw error;
    }
  }

  async #measure(): Promise<number> {
    return (await rotatedFiles(this.folder)).reduce((sum, { bytes }) => sum + bytes, 0);
  }

  /** One rename: after a crash the letters are under the old name or under the new one. */
  async #rotate(bytes: number): Promise<void> {
    const numbers = (await rotatedFiles(this.folder)).map(({ number }) => number);
    await rename(this.path, rotatedPath(this.folder, nextNumber(this.now(), numbers)));
    await this.#close();
    await syncFolder(this.folder);
    this.#rotated = (this.#rotated ?? 0) + bytes;
  }

  /** The active file, opened anew where somebody has moved it away. */
  async #current(): Promise<FileHandle> {
    if (this.#handle !== null) {
      const found = await stat(this.path).catch(() => null);
      if (found?.ino === this.#inode) return this.#handle;
      await this.#close();
    }
    const handle = await open(this.path, 'a+', 0o640);
    try {
      const { ino, size } = await handle.stat();
      const { buffer } = await handle.read(Buffer.alloc(1), 0, 1, Math.max(0, size - 1));
      // A crash has torn the last letter: it was not stored, and comes again.
      if (size > 0 && buffer[0] !== 10) await handle.appendFile('\n');
      if (size === 0) await syncFolder(this.folder);
      this.#inode = ino;
    } catch (error) {
      await handle.close().catch(() => {});
      throw error;
    }
    this.#handle = handle;
    return handle;
  }

  async #close(): Promise<void> {
    const handle = this.#handle;
    this.#handle = null;
    await handle?.close();
  }

  async close(): Promise<void> {
    await this.#turn;
    await this.#close();
  }
}

function letterLine({ document, output, reason }: DeadLetter, time: string): string {
  return `{"time":"${time}","output":${JSON.stringify(output)},"reason":${JSON.stringify(reason)},"record":${recordJson(document)}}\n`;
}

/** An object of JSON in one line, as it was given where it is one. Outputs of others may give anything: that becomes a string. */
function recordJson(document: string): string {
  try {
    const parsed: unknown = JSON.parse(document);
    if (isObject(parsed)) return document.includes('\n') ? JSON.stringify(parsed) : document;
  } catch {
    // It is kept as text.
  }
  return JSON.stringify(document);
}

import { createHash } from 'node:crypto';
import { open, readFile, rename } from 'node:fs/promises';
import { dirname } from 'node:path';
import { TrilogError } from '../errors.js';
import { syncFolder } from './folder-sync.js';

const VERSION = 1;

interface Waiting {
  text: string;
  readonly done: Promise<void>;
}

/**
 * One JSON value in one file that survives a crash at any moment: either the old value is there or the new one, never a mixture.
 *
 * The file holds `{"version":1,"checksum":"<sha256 of the value's JSON>","value":…}`. One process may use it at a time.
 */
export class CheckpointFile<T> {
  #writing: Promise<void> = Promise.resolve();
  #waiting: Waiting | null = null;

  /** @param parse turns what was read into a `T`; throws if it is none (a zod schema's `parse`, for one). */
  constructor(
    readonly path: string,
    readonly parse: (value: unknown) => T,
  ) {}

  /** The value last saved, or undefined if none ever was. @throws TrilogError CHECKPOINT_UNREADABLE if the file is there but damaged. */
  async load(): Promise<T | undefined> {
    let text: string;
    try {
      text = await readFile(this.path, 'utf8');
    } catch (cause) {
      if (cause instanceof Error && 'code' in cause && cause.code === 'ENOENT') return undefined;
      throw new TrilogError('CHECKPOINT_UNREADABLE', `${this.path} cannot be read: ${reasonOf(cause)}`, { cause });
    }
    try {
      return this.parse(unwrap(text));
    } catch (cause) {
      throw new TrilogError('CHECKPOINT_UNREADABLE', `${this.path} is damaged: ${reasonOf(cause)}`, { cause });
    }
  }

  /**
   * Resolves when this value, or one saved after it, is durable. The value is taken as it is now. Saves run one after the other; of those
   * that wait for a running one only the last is written. @throws the file system's error; the former value then stays.
   */
  save(value: T): Promise<void> {
    const text = wrap(value);
    if (this.#waiting !== null) {
      this.#waiting.text = text;
      return this.#waiting.done;
    }
    const done = this.#writing.then(() => {
      const last = this.#waiting?.text ?? text;
      this.#waiting = null;
      return this.#replace(last);
    });
    this.#waiting = { text, done };
    // The queue goes on after a failed save; whoever asked for that save is told by its own promise.
    this.#writing = done.catch(() => undefined);
    return done;
  }

  async #replace(text: string): Promise<void> {
    const temporary = `${this.path}.tmp`;
    const file = await open(temporary, 'w', 0o600);
    try {
      await file.writeFile(text);
      // Without this the rename may reach the disk before the content does, and a power cut leaves an empty file.
      await file.sync();
    } finally {
      await file.close();
    }
    await rename(temporary, this.path);
    await syncFolder(dirname(this.path));
  }
}

function wrap(value: unknown): string {
  return JSON.stringify({ version: VERSION, checksum: checksumOf(value), value });
}

function unwrap(text: string): unknown {
  const whole: unknown = JSON.parse(text);
  if (typeof whole !== 'object' || whole === null || !('version' in whole) || !('checksum' in whole) || !('value' in whole)) {
    throw new Error('it is no checkpoint');
  }
  if (whole.version !== VERSION) throw new Error(`its version is ${JSON.stringify(whole.version)}, expected ${VERSION}`);
  if (whole.checksum !== checksumOf(whole.value)) throw new Error('its checksum does not fit its content');
  return whole.value;
}

/** Of the JSON text: parsing and writing again what `JSON.stringify` wrote gives the same text. */
function checksumOf(value: unknown): string {
  return createHash('sha256').update(JSON.stringify(value)).digest('hex');
}

function reasonOf(cause: unknown): string {
  return cause instanceof Error ? cause.message : String(cause);
}

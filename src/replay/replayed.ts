import { type FileHandle, open, readFile, rename, rm } from 'node:fs/promises';
import { dirname } from 'node:path';
import { syncFolder } from '../pipeline/folder-sync.js';

const KEY = /^[A-Za-z0-9_-]{22}$/;

/**
 * Which letters were brought to their output: a file with a key a line, to which is added. A line that a crash has torn is no key: its letter is
 * sent once more.
 */
export class Replayed {
  #handle: FileHandle | null = null;

  private constructor(
    readonly path: string,
    readonly keys: Set<string>,
  ) {}

  static async load(path: string): Promise<Replayed> {
    const text = await readFile(path, 'latin1').catch((error: NodeJS.ErrnoException) => {
      if (error.code === 'ENOENT') return '';
      throw error;
    });
    return new Replayed(path, new Set(text.split('\n').filter((line) => KEY.test(line))));
  }

  has(key: string): boolean {
    return this.keys.has(key);
  }

  /** Known at once, durable when it resolves. @throws the file system's error; then the next run may not know these. */
  async add(keys: readonly string[]): Promise<void> {
    const fresh = keys.filter((key) => !this.keys.has(key));
    for (const key of fresh) this.keys.add(key);
    if (fresh.length === 0) return;
    const handle = this.#handle ?? (await this.#open());
    await handle.appendFile(fresh.map((key) => `${key}\n`).join(''));
    await handle.datasync();
  }

  /** Forgets all but these, with one rename. Nothing happens where there are no others. */
  async keep(keys: ReadonlySet<string>): Promise<void> {
    const kept = [...this.keys].filter((key) => keys.has(key));
    if (kept.length === this.keys.size) return;
    await this.close();
    for (const key of [...this.keys]) if (!keys.has(key)) this.keys.delete(key);
    if (kept.length === 0) {
      await rm(this.path, { force: true });
    } else {
      const temporary = `${this.path}.tmp`;
      const handle = await open(temporary, 'w', 0o640);
      try {
        await handle.writeFile(kept.map((key) => `${key}\n`).join(''));
        await handle.sync();
      } finally {
        await handle.close();
      }
      await rename(temporary, this.path);
    }
    await syncFolder(dirname(this.path));
  }

  async close(): Promise<void> {
    const handle = this.#handle;
    this.#handle = null;
    await handle?.close();
  }

  /** A newline ends what a crash has torn. */
  async #open(): Promise<FileHandle> {
    const handle = await open(this.path, 'a+', 0o640);
    this.#handle = handle;
    const { size } = await handle.stat();
    if (size === 0) await syncFolder(dirname(this.path));
    const { buffer } = await handle.read(Buffer.alloc(1), 0, 1, Math.max(0, size - 1));
    if (size > 0 && buffer[0] !== 10) await handle.appendFile('\n');
    return handle;
  }
}

import { openContent } from './content.js';
import type { TrackedFile } from './tracked-file.js';

/** Keeps the number of open files within a bound. */
export class Descriptors {
  readonly #open = new Set<TrackedFile>();

  constructor(
    readonly most: number,
    readonly windowBytes: number,
  ) {}

  /**
   * Opens the file where its content is. At the bound the idle file that was used least recently is closed, but none without a name: it
   * could not be found again. Returns false if no place is free. @throws what the file system says.
   */
  async ensure(file: TrackedFile): Promise<boolean> {
    if (file.content !== null) {
      // The set is in order of use.
      this.#open.delete(file);
      this.#open.add(file);
      return true;
    }
    if (this.#open.size >= this.most) {
      const spare =
        [...this.#open].find((other) => other.state === 'live' && !other.hot) ?? [...this.#open].find((other) => other.state === 'live');
      if (spare === undefined) return false;
      await this.close(spare);
    }
    file.content = await openContent(file.path, this.windowBytes);
    this.#open.add(file);
    return true;
  }

  async close(file: TrackedFile): Promise<void> {
    const { content } = file;
    file.content = null;
    this.#open.delete(file);
    // Nothing was written, so nothing is lost if the file system refuses, as it does for a stale NFS handle.
    await content?.close().catch(() => undefined);
  }

  get full(): boolean {
    return this.#open.size >= this.most;
  }

  async closeAll(): Promise<void> {
    for (const file of [...this.#open]) await this.close(file);
  }
}

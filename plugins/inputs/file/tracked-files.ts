import type { ComponentContext } from '../../../src/plugin/contract.js';
import type { Content } from './content.js';
import type { Descriptors } from './descriptors.js';
import type { Remembered } from './match.js';
import type { Positions } from './positions.js';
import type { TrackedFile } from './tracked-file.js';

/** The contents that are being read, under which names, and how they lose them. */
export class TrackedFiles {
  /** By their entry's id, in the order in which they were taken up. */
  readonly byId = new Map<string, TrackedFile>();
  /** Those that are under the name by which they were found. */
  readonly live = new Map<string, TrackedFile>();
  readonly #complained = new Set<string>();

  constructor(
    readonly descriptors: Descriptors,
    readonly context: ComponentContext,
    readonly positions: Positions,
  ) {}

  /** Says once per file, and counts always, that it cannot be read. */
  complain(path: string, error: unknown): void {
    this.context.count('files_unreadable');
    if (this.#complained.has(path)) return;
    this.#complained.add(path);
    this.context.log.warn('a file cannot be read; it is tried again', {
      path,
      error: error instanceof Error ? error.message : String(error),
    });
  }

  /** Every content that is known, with its first bytes where it is being read. */
  remembered(): Remembered[] {
    return [...this.positions.entries.values()].map((entry) => {
      const file = this.byId.get(entry.id);
      return { entry, head: file?.head, held: file !== undefined && file.content !== null };
    });
  }

  /** Lets go of a content that was read to its end or is gone. */
  async drop(file: TrackedFile): Promise<void> {
    this.byId.delete(file.entry.id);
    if (this.live.get(file.entry.path) === file) this.live.delete(file.entry.path);
    file.drained = true;
    file.hot = false;
    await this.descriptors.close(file);
    if (file.entry.fingerprint.length === 0) this.positions.entries.delete(file.entry.id);
    this.positions.touch();
  }

  /** Its name leads elsewhere now: it is drained through its descriptor. */
  detach(file: TrackedFile, now: number): void {
    this.context.count('rotations');
    this.live.delete(file.path);
    const stat = this.statOf(file);
    if (stat) file.entry.mtimeMs = Math.max(file.entry.mtimeMs, stat.mtimeMs);
    file.state = file.content === null ? 'lost' : 'detached';
    file.hot = file.state === 'detached';
    file.searches = 0;
    file.quietSince = now;
  }

  /** The file holds something else now: a copy of what it held is to be looked for. */
  async lose(file: TrackedFile): Promise<void> {
    if (file.state === 'live') this.context.count('truncations');
    if (this.live.get(file.path) === file) this.live.delete(file.path);
    await this.descriptors.close(file);
    file.state = 'lost';
    file.hot = false;
    file.searches = 0;
    file.rewind();
  }

  /** True if what was opened is the file that its entry names: the name may have been passed on since. */
  isTheSameFile(file: TrackedFile): boolean {
    const opened = this.statOf(file);
    return opened === null || (opened?.dev === file.entry.dev && opened.ino === file.entry.ino);
  }

  /** Null where its content has none; undefined, and complained of, where the file system refuses (a stale NFS handle). */
  statOf(file: TrackedFile): ReturnType<Content['stat']> | undefined {
    try {
      return file.content?.stat() ?? null;
    } catch (error) {
      this.complain(file.path, error);
      return undefined;
    }
  }
}

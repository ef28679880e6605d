import { z } from 'zod';
import { CheckpointFile } from '../../../src/pipeline/checkpoint.js';

const schema = z.object({
  /** Of the source; part of every record's id. */
  id: z.string(),
  cursor: z.string().nullable(),
  position: z.number(),
  /** What of the journal was read; with another selection the entry of the cursor need not come first. */
  selection: z.string(),
});

export type SavedPlace = Readonly<z.infer<typeof schema>>;

/** Where reading goes on after a restart, in a file. */
export class PlaceFile {
  readonly #file: CheckpointFile<SavedPlace>;
  #place: SavedPlace | null = null;
  #changed = false;
  #timer: NodeJS.Timeout | null = null;
  /** The last write that was begun. */
  #writing: Promise<void> = Promise.resolve();

  constructor(
    path: string,
    readonly intervalMs: number,
    readonly failed: (error: unknown) => void,
  ) {
    this.#file = new CheckpointFile(path, (value) => schema.parse(value));
  }

  /** @throws TrilogError CHECKPOINT_UNREADABLE */
  async load(): Promise<SavedPlace | undefined> {
    return await this.#file.load();
  }

  /** To be written within the interval. */
  set(place: SavedPlace): void {
    if (this.#place?.cursor === place.cursor && this.#place.id === place.id && this.#place.selection === place.selection) return;
    this.#place = place;
    this.#changed = true;
    this.#timer ??= setTimeout(() => {
      this.#timer = null;
      this.save().catch(this.failed);
    }, this.intervalMs).unref();
  }

  /** Resolves when what was set is durable. @throws the file system's error */
  async save(): Promise<void> {
    if (this.#place !== null && this.#changed) {
      this.#changed = false;
      this.#writing = this.#file.save(this.#place).catch((error: unknown) => {
        this.#changed = true;
        throw error;
      });
    }
    await this.#writing;
  }

  async close(): Promise<void> {
    if (this.#timer !== null) clearTimeout(this.#timer);
    await this.save();
  }
}

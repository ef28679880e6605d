import { randomBytes } from 'node:crypto';
import { z } from 'zod';
import { CheckpointFile } from '../../../src/pipeline/checkpoint.js';
import { type Fingerprint, fingerprintOf } from './fingerprint.js';

const entrySchema = z.object({
  id: z.string(),
  path: z.string(),
  dev: z.number(),
  ino: z.number(),
  fingerprint: z.object({ length: z.number(), hash: z.string() }),
  offset: z.number(),
  mtimeMs: z.number(),
  seenMs: z.number(),
  end: z.number().optional(),
});
const checkpointSchema = z.object({ searchedMs: z.number(), entries: z.array(entrySchema) });
type Checkpoint = z.infer<typeof checkpointSchema>;

/** What is remembered of one content: which it is, and how far it is settled. */
export interface Entry {
  /** The source's durable id. */
  readonly id: string;
  /** Where it was first seen, and is read under that name. */
  readonly path: string;
  dev: number;
  ino: number;
  fingerprint: Fingerprint;
  /** All records that begin before are stored. */
  offset: number;
  /** Time of the last known write to it. */
  mtimeMs: number;
  /** When it was last found on disk. */
  seenMs: number;
  /** Its size in bytes, once it was read to its true end. */
  end?: number | undefined;
  /** Up to where this process has given it out; not saved. */
  read: number;
  /** Its id is on disk, and a fingerprint by which its first line can be found again, wherever it is then; not saved. */
  durable: boolean;
}

/** The entries of all contents, in memory and in a checkpoint file. */
export class Positions {
  readonly entries = new Map<string, Entry>();
  /** When new files were last searched for, in milliseconds since the epoch; 0 if never. */
  searchedMs = 0;
  readonly #file: CheckpointFile<Checkpoint>;
  #timer: NodeJS.Timeout | null = null;
  #changed = false;
  #lastSave = 0;
  #writing: Promise<void> = Promise.resolve();

  constructor(
    path: string,
    readonly intervalMs: number,
    readonly onFailure: (error: unknown) => void,
  ) {
    this.#file = new CheckpointFile(path, (value) => checkpointSchema.parse(value));
  }

  /** @throws TrilogError CHECKPOINT_UNREADABLE */
  async load(): Promise<void> {
    const saved = await this.#file.load();
    // Without a file the next start could not tell what appeared since.
    if (saved === undefined) return this.touch();
    this.searchedMs = saved.searchedMs;
    for (const entry of saved.entries) this.entries.set(entry.id, { ...entry, read: entry.offset, durable: true });
  }

  /** Remembers a new content. It must be saved before its first line leaves. */
  add(file: { path: string; dev: number; ino: number; head: Uint8Array; mtimeMs: number }, offset: number, nowMs: number): Entry {
    const entry: Entry = {
      id: randomBytes(12).toString('hex'),
      path: file.path,
      dev: file.dev,
      ino: file.ino,
      fingerprint: fingerprintOf(file.head),
      offset,
      mtimeMs: file.mtimeMs,
      seenMs: nowMs,
      read: offset,
      durable: false,
    };
    this.entries.set(entry.id, entry);
    this.touch();
    return entry;
  }

  /** Of a content more is known. Until its first line has left that must be on disk first: with less it could not be told from others. */
  grow(entry: Entry, fingerprint: Fingerprint): void {
    entry.fingerprint = fingerprint;
    if (entry.read === 0) entry.durable = false;
    this.touch();
  }

  settle(id: string, position: number): void {
    const entry = this.entries.get(id);
    if (entry === undefined || position <= entry.offset) return;
    entry.offset = position;
    this.touch();
  }

  /** Something changed that should be on disk within the interval. */
  touch(): void {
    this.#changed = true;
    if (this.#timer !== null) return;
    const wait = Math.max(0, this.#lastSave + this.intervalMs - Date.now());
    this.#timer = setTimeout(() => {
      this.#timer = null;
      this.save().catch(this.onFailure);
    }, wait).unref();
  }

  /** Writes everything now. @throws the file system's error; it is then tried again with the next change. */
  async save(): Promise<void> {
    this.#changed = false;
    this.#lastSave = Date.now();
    const all = [...this.entries.values()];
    const prints = all.map((entry) => entry.fingerprint);
    try {
      this.#writing = this.#file.save({ searchedMs: this.searchedMs, entries: all.map(toSaved) });
      await this.#writing;
    } catch (error) {
      this.#changed = true;
      throw error;
    }
    // One that has grown meanwhile is on disk as it was.
    for (const [index, entry] of all.entries()) if (entry.fingerprint === prints[index]) entry.durable = true;
  }

  /** Contents that have not been seen since `beforeMs`, save those of which something is out and not settled. */
  unseenSince(beforeMs: number): Entry[] {
    return [...this.entries.values()].filter((entry) => entry.seenMs < beforeMs && entry.offset >= entry.read);
  }

  forget(entries: Iterable<Entry>): void {
    for (const entry of entries) {
      this.entries.delete(entry.id);
      this.touch();
    }
  }

  async close(): Promise<void> {
    if (this.#timer !== null) clearTimeout(this.#timer);
    this.#timer = null;
    if (this.#changed) return this.save();
    // One may be under way; if it fails, that was told when it was asked for.
    await this.#writing.catch(() => undefined);
  }
}

function toSaved(entry: Entry): Checkpoint['entries'][number] {
  const { read: _read, durable: _durable, ...saved } = entry;
  return saved;
}

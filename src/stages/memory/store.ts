import { existsSync } from 'node:fs';
import { join } from 'node:path';
import { TrilogError } from '../../errors.js';
import type { ComponentLog } from '../../plugin/contract.js';
import { decodeEntry, type Entry, type EntryKey, encodeEntry, lastSeenOf, templateId } from './entry.js';
import { beginOpening, endOpening, setAside, unfit } from './files.js';
import { type Change, type Lmdb, type LmdbPlace, openLmdb, writeTogether } from './lmdb.js';
import { StoreWriter } from './store-writer.js';

export interface MemoryLimits {
  readonly maxEntries: number;
  readonly maxBytes: number;
}

/** Of the entries: a store of another is set aside. */
const FORMAT = '1';
/** Keys of our own sort before all entries, whose keys have 16 bytes. */
const FORMAT_KEY = Buffer.from('\0format');
const GENERATION_KEY = Buffer.from('\0generation');
const OWN_KEYS = 2;
const FIRST_KEY = Buffer.alloc(16);
const KEY_BYTES = 16;
/** Entries that are looked at in one go while old ones are searched: a few milliseconds. */
const SLICE = 4000;
/** How full the store is after old entries were thrown out. */
const KEPT = 0.9;
const EVICT_ROUNDS = 8;
/**
 * Addresses that LMDB sets aside, as a multiple of the bytes that the store may have; the pages that were freed are in the file, too. Where they did
 * not suffice it would map the file anew beside the old map, and every page would count twice in the resident memory.
 */
const MAP_FACTOR = 4;

/**
 * Templates and their answers on disk, in LMDB: it survives the death of the process at any moment, and other processes may read and write it
 * meanwhile.
 */
export class MemoryStore {
  readonly #db: Lmdb;
  readonly #writer: StoreWriter;
  /** What is being written and is not readable there yet: whoever changes an entry must not take an older one for it. */
  readonly #underWay = new Map<string, Entry>();
  #generation: string;

  private constructor(
    readonly folder: string,
    readonly limits: MemoryLimits,
    db: Lmdb,
  ) {
    this.#db = db;
    this.#writer = new StoreWriter(placeOf(folder, limits));
    this.#generation = this.#readGeneration();
  }

  /**
   * Opens the store of a folder. One that is damaged, foreign or of another version is set aside with a warning, and a new one begun.
   * @throws TrilogError `MEMORY_INVALID` where that is not possible either.
   */
  static open(folder: string, limits: MemoryLimits, log: ComponentLog): MemoryStore {
    try {
      return new MemoryStore(folder, limits, openDatabase(folder, limits));
    } catch (error) {
      const reason = reasonOf(error);
      try {
        log.warn('the template memory is set aside and begun anew', { reason, kept_in: setAside(folder) });
        return new MemoryStore(folder, limits, openDatabase(folder, limits));
      } catch (cause) {
        throw unusable(folder, `${reason}; a new one cannot be begun: ${reasonOf(cause)}`, cause);
      }
    }
  }

  /** Opens the store of an agent, which may be running: nothing is begun or set aside. @throws TrilogError `MEMORY_INVALID` */
  static openExisting(folder: string, limits: MemoryLimits): MemoryStore {
    try {
      if (!existsSync(join(folder, 'data.mdb'))) throw new Error('there is none yet');
      return new MemoryStore(folder, limits, openDatabase(folder, limits));
    } catch (cause) {
      throw unusable(folder, reasonOf(cause), cause);
    }
  }

  get size(): number {
    return this.#stats().entryCount - OWN_KEYS;
  }

  /** Bytes in use; the file keeps what was freed for later. */
  get bytes(): number {
    const { pageSize, treeBranchPageCount, treeLeafPageCount, overflowPages } = this.#stats();
    return pageSize * (treeBranchPageCount + treeLeafPageCount + overflowPages);
  }

  /** What is remembered of exactly this template. */
  get(key: EntryKey, id: string = templateId(key)): Entry | null {
    const entry = this.byId(id);
    return entry !== null && entry.template === key.template && entry.logger === key.logger && entry.level === key.level ? entry : null;
  }

  /** Null also for what is damaged. */
  byId(id: string): Entry | null {
    const underWay = this.#underWay.get(id);
    if (underWay !== undefined) return underWay;
    const bytes = this.#db.get(Buffer.from(id, 'hex'));
    return bytes === undefined ? null : decodeEntry(bytes);
  }

  /** Resolves when all are stored; they are written together. @throws when the disk is full or gone; none of them is stored then. */
  async put(entries: Iterable<readonly [id: string, entry: Entry]>): Promise<void> {
    const given = [...entries];
    for (const [id, entry] of given) this.#underWay.set(id, entry);
    try {
      await this.#write(given.map(([id, entry]) => [Buffer.from(id, 'hex'), encodeEntry(entry)]));
    } finally {
      for (const [id, entry] of given) if (this.#underWay.get(id) === entry) this.#underWay.delete(id);
    }
  }

  /** All entries by id, in no order that means anything. */
  *entries(): Generator<[id: string, entry: Entry]> {
    for (const { key, value } of this.#db.getRange({ start: FIRST_KEY })) {
      const entry = key.length === KEY_BYTES ? decodeEntry(value) : null;
      if (entry !== null) yield [key.toString('hex'), entry];
    }
  }

  /** Resolves when they are gone. Says to others that use the store that they must not trust what they hold. */
  async remove(ids: Iterable<string>): Promise<number> {
    const keys = [...ids].map((id) => Buffer.from(id, 'hex'));
    const there = keys.filter((key) => this.#db.get(key) !== undefined);
    await this.#write(there.map((key) => [key, null]));
    await this.changed();
    return there.length;
  }

  /** Tells other processes that what they hold of the store is out of date. */
  async changed(): Promise<void> {
    await this.#write([[GENERATION_KEY, Buffer.from(`${process.pid}-${Date.now()}-${Math.random()}`)]]);
    this.#generation = this.#readGeneration();
  }

  /** Whether another process said {@link changed} since the last time. */
  changedByOthers(): boolean {
    const now = this.#readGeneration();
    const changed = now !== this.#generation;
    this.#generation = now;
    return changed;
  }

  /** Throws out what was not used for longest, where the store is larger than it may be. Works in slices, so that nobody waits for it. */
  async evict(): Promise<number> {
    let gone = 0;
    // Pages are emptied by and by: the bytes that a removal frees are known only afterwards.
    for (let round = 0; round < EVICT_ROUNDS; round++) {
      const surplus = this.#surplus();
      if (surplus === 0) break;
      gone += await this.#removeOldest(surplus);
    }
    return gone;
  }

  #surplus(): number {
    const { maxEntries, maxBytes } = this.limits;
    const size = this.size;
    const over = Math.max(size / maxEntries, this.bytes / maxBytes);
    if (size === 0 || over <= 1) return 0;
    return Math.min(size, Math.ceil(size - (size / over) * KEPT));
  }

  async #removeOldest(surplus: number): Promise<number> {
    const times: number[] = [];
    await this.#slices((_, value) => times.push(lastSeenOf(value)));
    const oldest = times.sort((a, b) => a - b)[surplus - 1] ?? 0;
    const gone: Buffer[] = [];
    await this.#slices((key, value) => {
      if (gone.length < surplus && lastSeenOf(value) <= oldest) gone.push(key);
    });
    for (let i = 0; i < gone.length; i += SLICE) await this.#write(gone.slice(i, i + SLICE).map((key) => [key, null]));
    return gone.length;
  }

  async close(): Promise<void> {
    await this.#writer.close();
    await this.#db.close();
  }

  async #write(changes: readonly Change[]): Promise<void> {
    await this.#writer.write(changes);
    // What was read in this turn of the loop shows the store as it was before.
    this.#db.resetReadTxn();
  }

  async #slices(visit: (key: Buffer, value: Buffer) => void): Promise<void> {
    for (let start: Buffer | null = FIRST_KEY; start !== null; ) {
      let last: Buffer | null = null;
      let count = 0;
      for (const { key, value } of this.#db.getRange({ start, limit: SLICE })) {
        if (key.length === KEY_BYTES) visit(Buffer.from(key), value);
        last = Buffer.from(key);
        count++;
      }
      // The next slice begins behind the last key.
      start = last === null || count < SLICE ? null : Buffer.concat([last, Buffer.alloc(1)]);
      await new Promise((resolve) => setImmediate(resolve));
    }
  }

  #readGeneration(): string {
    return this.#db.get(GENERATION_KEY)?.toString() ?? '';
  }

  #stats(): Stats {
    return this.#db.getStats() as Stats;
  }
}

interface Stats {
  readonly pageSize: number;
  readonly entryCount: number;
  readonly treeBranchPageCount: number;
  readonly treeLeafPageCount: number;
  readonly overflowPages: number;
}

function unusable(folder: string, reason: string, cause: unknown): TrilogError {
  return new TrilogError('MEMORY_INVALID', `the template memory ${folder} cannot be opened: ${reason}`, { cause });
}

function reasonOf(error: unknown): string {
  return error instanceof Error ? error.message : String(error);
}

/** @throws where the folder holds something else than a store of this version. */
function openDatabase(folder: string, limits: MemoryLimits): Lmdb {
  const reason = unfit(folder);
  if (reason !== null) throw new Error(reason);
  beginOpening(folder);
  const db = openLmdb(placeOf(folder, limits));
  const format = db.get(FORMAT_KEY)?.toString();
  if (format === undefined && isEmpty(db)) {
    writeTogether(db, [
      [FORMAT_KEY, Buffer.from(FORMAT)],
      [GENERATION_KEY, Buffer.from('0')],
    ]);
  } else if (format !== FORMAT) {
    void db.close();
    throw new Error(format === undefined ? 'it is not of trilog' : `its format is ${JSON.stringify(format)}, not ${FORMAT}`);
  }
  endOpening(folder);
  return db;
}

function placeOf(folder: string, { maxBytes }: MemoryLimits): LmdbPlace {
  return { folder, mapSize: MAP_FACTOR * maxBytes };
}

function isEmpty(db: Lmdb): boolean {
  for (const _ of db.getKeys({ limit: 1 })) return false;
  return true;
}

import { randomBytes } from 'node:crypto';
import { join, resolve } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { untilItWorks } from '../../../src/pipeline/retry.js';
import type { ComponentContext, Input } from '../../../src/plugin/contract.js';
import { matchesGlob } from '../../../src/record/glob.js';
import type { LineBlock, Source } from '../../../src/record/source.js';
import { chunksOf } from '../../../src/record/stream-chunks.js';
import { StreamLines } from '../../../src/record/stream-lines.js';
import type { JournaldInputConfig } from './config.js';
import { Cursors, type Place } from './cursors.js';
import { type Entry, entryOf } from './entry.js';
import { EntryBlocks } from './entry-blocks.js';
import { Follower } from './follower.js';
import { followArguments, newestEntry, type Selection } from './journalctl.js';
import { isOwn, machineId, type Self, thisProcess } from './own-entries.js';
import { PlaceFile, type SavedPlace } from './place-file.js';
import { fullName, isPattern } from './unit-pattern.js';

/** What a byte may become in the JSON: `255,`, or an escape of six characters; and some for all other fields. */
const JSON_BYTES = 6;
const BESIDE_BYTES = 1_048_576;
const LONGEST_PAUSE_MS = 30_000;

export interface JournaldSurroundings {
  /** The program that reads the journal. */
  readonly journalctl: string;
  /** Pause before a journalctl that ended is started again; it doubles as long as nothing comes. */
  readonly firstPauseMs: number;
  readonly self: Self | null;
}

const USUAL: JournaldSurroundings = { journalctl: 'journalctl', firstPauseMs: 200, self: null };

/** Where the follower that is to be started begins. */
interface Start {
  readonly cursor: string | null;
  /** The entry of the cursor has to come first, if it is still there. */
  readonly isExact: boolean;
}

/** Reads the journal by a child process; see the README for what it guarantees. */
export class JournaldInput implements Input {
  readonly #surroundings: JournaldSurroundings;
  readonly #file: PlaceFile;
  readonly #selection: Selection;
  readonly #selectionText: string;
  readonly #self: Self;
  readonly #patterns: readonly string[];
  readonly #machine = machineId();
  #saved: SavedPlace = { id: randomBytes(12).toString('hex'), cursor: null, position: 0, selection: '' };
  #cursors = new Cursors({ cursor: null, position: 0 });
  #start: Start = { cursor: null, isExact: false };
  #follower: Follower | null = null;

  constructor(
    readonly config: JournaldInputConfig,
    readonly context: ComponentContext,
    surroundings: Partial<JournaldSurroundings> = {},
  ) {
    this.#surroundings = { ...USUAL, ...surroundings };
    this.#self = this.#surroundings.self ?? thisProcess();
    const { units, identifiers, priority, directory } = config;
    const place = directory === undefined ? {} : { directory: resolve(context.configDir, directory) };
    this.#selection = { units, identifiers, priority, ...place };
    this.#selectionText = JSON.stringify(this.#selection);
    this.#patterns = units.some(isPattern) ? units.map(fullName) : [];
    this.#file = new PlaceFile(join(context.dataDir, 'cursor.json'), config.checkpoint_interval_ms, (error) => this.#saveFailed(error));
  }

  /** Process id of the journalctl that is running; undefined while none is. */
  get childPid(): number | undefined {
    return this.#follower?.pid;
  }

  async open(): Promise<void> {
    const saved = await this.#file.load();
    const newest = await newestEntry(this.#surroundings.journalctl, this.#selection.directory, this.#machine);
    if (newest.hint !== '') this.context.log.warn('journalctl has something to say', { hint: newest.hint });
    else if (newest.cursor === null) this.context.log.warn('the journal has no entry that could be read; what comes later will be');
    if (saved !== undefined) {
      this.#saved = saved;
      this.#start = { cursor: saved.cursor, isExact: saved.selection === this.#selectionText };
    } else if (this.config.read_from === 'end') {
      this.#saved = { ...this.#saved, cursor: newest.cursor };
      this.#start = { cursor: newest.cursor, isExact: false };
    }
    this.#cursors = new Cursors({ cursor: this.#start.cursor, position: this.#saved.position });
  }

  async *read(signal: AbortSignal): AsyncIterable<LineBlock> {
    // The id, and where the end was at the first start, must be on disk before the first line leaves: it would have another id after a crash, or be missing.
    this.#file.set(this.#saved);
    try {
      await untilItWorks(() => this.#file.save(), { signal, failed: (error) => this.#saveFailed(error) });
    } catch {
      return;
    }
    const { max_line_bytes: maxLineBytes, max_open_writers: maxOpen } = this.config;
    const blocks = new EntryBlocks(this.#base, { maxLineBytes, maxOpen }, this.#saved.position, this.#cursors);
    let failures = 0;
    while (!signal.aborted) {
      const follower = new Follower(this.#surroundings.journalctl, followArguments(this.#selection, this.#start.cursor, this.#machine));
      this.#follower = follower;
      const before = this.#start.cursor;
      try {
        yield* this.#follow(follower, blocks, signal);
        if (signal.aborted) return;
        failures = this.#start.cursor === before ? failures + 1 : 0;
        this.context.count('journalctl_restarts');
        this.context.log.warn('journalctl has ended, and is started again', { why: await follower.end() });
      } finally {
        await follower.kill();
        this.#follower = null;
      }
      await sleep(pauseMs(this.#surroundings.firstPauseMs, failures), undefined, { signal }).catch(() => undefined);
    }
  }

  settled(source: Source, position: number): void {
    this.#cursors.settle(source, position);
    this.#remember();
  }

  async close(): Promise<void> {
    await this.#follower?.kill();
    await this.#file.close();
  }

  /** What one journalctl gives, until it ends. */
  async *#follow(follower: Follower, blocks: EntryBlocks, signal: AbortSignal): AsyncIterable<LineBlock> {
    const lines = new StreamLines(this.config.max_line_bytes * JSON_BYTES + BESIDE_BYTES);
    let expected: Start | null = this.#start;
    for await (const chunk of chunksOf(follower.stdout, signal)) {
      // It comes again with the next start.
      if (signal.aborted) return;
      for (const line of lines.feed(chunk).lines) {
        // "-- No entries --", for one.
        if (line === '' || line.startsWith('-- ')) continue;
        const entry = entryOf(line);
        if (entry === null) {
          this.context.count('entries_unreadable');
          blocks.addUnread(line);
          continue;
        }
        const isFirst: boolean = expected !== null && this.#isKnown(entry, expected);
        expected = null;
        if (!isFirst) this.#take(entry, blocks);
        this.#start = { cursor: entry.cursor, isExact: true };
      }
      const { cursor } = this.#start;
      const place: Place = { cursor, position: blocks.position };
      this.#cursors.mark(place);
      yield* blocks.drain();
      // Where nothing of it was wanted nothing will be settled.
      this.#remember();
    }
  }

  /** Whether the first entry is the one that was read before. One that is not there says that others after it may be missing, too. */
  #isKnown(first: Entry, { cursor, isExact }: Start): boolean {
    if (first.cursor === cursor) return true;
    if (isExact && cursor !== null) {
      this.context.count('cursor_gone');
      this.context.log.warn(
        'the journal does not hold the entry any more up to which it was read; it is read on from the oldest later one',
        {
          cursor,
          next: first.cursor,
        },
      );
    }
    return false;
  }

  #take(entry: Entry, blocks: EntryBlocks): void {
    if (this.config.exclude_own && isOwn(entry, this.#self)) {
      this.context.count('own_entries');
      return;
    }
    if (this.#patterns.length > 0 && !isOfUnits(entry, this.#patterns)) return;
    if (entry.damaged) this.context.count('entries_damaged');
    if (blocks.add(entry)) this.context.count('lines_cut');
  }

  get #base(): Source {
    const { name, host } = this.context;
    const { format, timezone } = this.config;
    return { id: this.#saved.id, input: name, name: 'journal', program: '', host: this.config.host ?? host, timezone, format };
  }

  #remember(): void {
    const place = this.#cursors.stored;
    if (place === undefined) return;
    const { id, cursor, selection } = this.#saved;
    // An entry that another selection gave, or none, need not come first with this one.
    this.#file.set({ ...place, id, selection: place.cursor === cursor ? selection : this.#selectionText });
  }

  #saveFailed(error: unknown): void {
    this.context.count('checkpoint_failures');
    this.context.log.error('the cursor cannot be written; a restart would repeat entries', {
      error: error instanceof Error ? error.message : String(error),
    });
  }
}

/** As `journalctl --unit` has it: what a unit wrote, and what systemd, or root's programs, say of it. */
function isOfUnits(entry: Entry, patterns: readonly string[]): boolean {
  const names = [entry.text('_SYSTEMD_UNIT')];
  if (entry.text('_PID') === '1') names.push(entry.text('UNIT'));
  if (entry.text('_UID') === '0') names.push(entry.text('OBJECT_SYSTEMD_UNIT'));
  return names.some((name) => name !== '' && patterns.some((pattern) => matchesGlob(pattern, name)));
}

function pauseMs(first: number, failures: number): number {
  return Math.min(first * 2 ** Math.min(failures, 20), LONGEST_PAUSE_MS);
}

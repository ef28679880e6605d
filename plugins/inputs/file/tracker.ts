import type { ComponentContext } from '../../../src/plugin/contract.js';
import { familyOf, programOf } from '../../../src/record/log-name.js';
import type { Source } from '../../../src/record/source.js';
import type { FileInputConfig } from './config.js';
import type { Content } from './content.js';
import { Descriptors } from './descriptors.js';
import { startsAlike } from './fingerprint.js';
import { match, type Remembered } from './match.js';
import type { Entry, Positions } from './positions.js';
import { type Candidate, lookAt, probe } from './probe.js';
import { judge, judgeDetached } from './rotation.js';
import { Selection, siblingsOf } from './selection.js';
import { firstOffset, inOrder, latestWrites, NOTHING_OF_IT } from './start.js';
import { TrackedFile } from './tracked-file.js';

/** Knows which contents are to be read, and where each is now. */
export class Tracker {
  /** Contents by their entry's id, in the order in which they were taken up. */
  readonly files = new Map<string, TrackedFile>();
  readonly descriptors: Descriptors;
  private readonly live = new Map<string, TrackedFile>();
  private readonly selection: Selection;
  /** Selected files that need no reading, as they were when that was decided. */
  private readonly settled = new Map<string, string>();
  private readonly complained = new Set<string>();
  private readonly startedMs = Date.now();
  private searchedBeforeMs = 0;
  /** To be forgotten if the next search does not find them either. */
  private missing = new Set<Entry>();

  constructor(
    private readonly config: FileInputConfig,
    private readonly context: ComponentContext,
    private readonly positions: Positions,
  ) {
    this.selection = new Selection(config.include, config.exclude, context.ownFiles);
    this.descriptors = new Descriptors(config.max_open_files, config.max_line_bytes + 2 * config.read_block_bytes);
  }

  /** Looks for files that are new. At the first time, what is remembered is matched to what is there. */
  async discover(first: boolean): Promise<void> {
    const searchedMs = Date.now();
    if (first) this.searchedBeforeMs = this.positions.searchedMs;
    const found = await this.selection.find();
    const unknown = found.filter((path) => !this.live.has(path) && this.isNews(path));
    const remembered = first ? [...this.positions.entries.values()].map((entry) => entry.path) : [];
    if (unknown.length > 0 || remembered.length > 0) {
      await this.reconcile(new Set([...remembered, ...unknown].map(familyOf)), unknown, first);
    }
    this.positions.searchedMs = searchedMs;
    for (const file of this.files.values()) file.entry.seenMs = searchedMs;
    await this.forgetGone(found, searchedMs);
  }

  /** Forgets contents that nobody has seen for long, but not those that still lie there, unchanged: they would be taken for new when renamed. */
  private async forgetGone(selected: readonly string[], nowMs: number): Promise<void> {
    const unseen = this.positions.unseenSince(nowMs - this.config.forget_after_days * 86_400_000);
    if (unseen.length === 0) {
      this.missing.clear();
      return;
    }
    const inodes = new Set(unseen.map(inodeOf));
    const families = new Set(unseen.map((entry) => familyOf(entry.path)));
    const paths = new Set(await siblingsOf(families));
    const there = new Set<string>();
    for (const path of new Set([...paths, ...selected])) {
      const seen = lookAt(path);
      if (seen === undefined || !inodes.has(inodeOf(seen))) continue;
      there.add(inodeOf(seen));
      paths.add(path);
    }
    const owners = new Set(match(this.remembered(), this.probeAll(paths)).owner.values());
    // By inode as well: a file that cannot be read is not gone.
    const [kept, gone] = [new Set<Entry>(), new Set<Entry>()];
    for (const entry of unseen) (owners.has(entry) || there.has(inodeOf(entry)) ? kept : gone).add(entry);
    for (const entry of kept) entry.seenMs = nowMs;
    if (kept.size > 0) this.positions.touch();
    // Only what two searches missed: a rotator may be between two renames.
    this.positions.forget([...gone].filter((entry) => this.missing.has(entry)));
    this.missing = gone;
  }

  private remembered(): Remembered[] {
    return [...this.positions.entries.values()].map((entry) => {
      const file = this.files.get(entry.id);
      return { entry, head: file?.head, held: file !== undefined && file.content !== null };
    });
  }

  /** Looks at every file that is being read: has it grown, lost its name, or been rewritten? */
  async poll(): Promise<void> {
    const now = performance.now();
    const changed = new Set<string>();
    for (const file of this.files.values()) {
      const before = file.state;
      let refilled = false;
      if (before === 'live') refilled = await this.pollLive(file, now);
      else if (before === 'detached') this.pollDetached(file, now);
      const name = file.entry.path;
      const nameIsFree = file.state === 'detached' && !this.live.has(name) && this.selection.has(name) && this.isNews(name);
      if (file.state !== before || file.state === 'lost' || refilled || nameIsFree) changed.add(familyOf(name));
    }
    if (changed.size > 0) await this.reconcile(changed, [], false);
  }

  /** The file holds something else now: looks for a copy of what it held, and takes up what it holds. */
  async rewritten(file: TrackedFile): Promise<void> {
    await this.lose(file);
    await this.reconcile(new Set([familyOf(file.entry.path)]), [], false);
  }

  /** Opens the file's content. False if it cannot be read now. */
  async open(file: TrackedFile): Promise<boolean> {
    const wasOpen = file.content !== null;
    try {
      if (!(await this.descriptors.ensure(file))) return false;
    } catch (error) {
      file.hot = false;
      file.size = -1;
      if (lookAt(file.path) === undefined) await this.rewritten(file);
      else this.complain(file.path, error);
      return false;
    }
    if (wasOpen || this.isTheSameFile(file)) return true;
    await this.rewritten(file);
    return false;
  }

  private isTheSameFile(file: TrackedFile): boolean {
    const opened = this.statOf(file);
    return opened === null || (opened?.dev === file.entry.dev && opened.ino === file.entry.ino);
  }

  /** Null where its content has none; undefined, and complained of, where the file system refuses (a stale NFS handle). */
  private statOf(file: TrackedFile): ReturnType<Content['stat']> | undefined {
    try {
      return file.content?.stat() ?? null;
    } catch (error) {
      this.complain(file.path, error);
      return undefined;
    }
  }

  /** Lets go of a content that was read to its end or is gone. */
  async drop(file: TrackedFile): Promise<void> {
    this.files.delete(file.entry.id);
    if (this.live.get(file.entry.path) === file) this.live.delete(file.entry.path);
    file.drained = true;
    file.hot = false;
    await this.descriptors.close(file);
    if (file.entry.fingerprint.length === 0) this.positions.entries.delete(file.entry.id);
    this.positions.touch();
  }

  /** Says once per file, and counts always, that it cannot be read. */
  complain(path: string, error: unknown): void {
    this.context.count('files_unreadable');
    if (this.complained.has(path)) return;
    this.complained.add(path);
    this.context.log.warn('a file cannot be read; it is tried again', {
      path,
      error: error instanceof Error ? error.message : String(error),
    });
  }

  /** True if its family must be searched though the file is where it was. */
  private async pollLive(file: TrackedFile, now: number): Promise<boolean> {
    const seen = lookAt(file.path);
    const { dev, ino } = file.entry;
    const position = Math.max(file.looked, file.head.length);
    switch (judge({ dev, ino, position, size: file.size, mtimeMs: file.mtimeMs }, seen)) {
      case 'idle':
        if (!file.hot && now - file.quietSince >= this.config.close_after_idle_s * 1_000) await this.descriptors.close(file);
        return false;
      case 'refilled':
        return true;
      case 'grown':
        file.size = seen?.size ?? -1;
        file.mtimeMs = seen?.mtimeMs ?? -1;
        file.hot = true;
        return false;
      case 'truncated':
        await this.lose(file);
        return false;
      default:
        this.detach(file, now);
        return false;
    }
  }

  private pollDetached(file: TrackedFile, now: number): void {
    const stat = this.statOf(file);
    const size = stat?.size ?? file.looked;
    if (stat) file.mtimeMs = stat.mtimeMs;
    if (file.content === null) file.hot = true;
    if (file.hot) return;
    const next = judgeDetached(size, file, now, this.config.rotate_wait_ms);
    if (next === 'wait') return;
    file.hot = true;
    file.finishing = next === 'finish';
  }

  private detach(file: TrackedFile, now: number): void {
    this.context.count('rotations');
    this.live.delete(file.path);
    const stat = this.statOf(file);
    if (stat) file.entry.mtimeMs = Math.max(file.entry.mtimeMs, stat.mtimeMs);
    file.state = file.content === null ? 'lost' : 'detached';
    file.hot = file.state === 'detached';
    file.searches = 0;
    file.quietSince = now;
  }

  private async lose(file: TrackedFile): Promise<void> {
    if (file.state === 'live') this.context.count('truncations');
    if (this.live.get(file.path) === file) this.live.delete(file.path);
    await this.descriptors.close(file);
    file.state = 'lost';
    file.hot = false;
    file.searches = 0;
    file.rewind();
  }

  private isNews(path: string): boolean {
    const seen = lookAt(path);
    return seen !== undefined && this.settled.get(path) !== signatureOf(seen);
  }

  /** Finds out what the files of these families, and those under `paths`, hold, and takes up what is to be read. */
  private async reconcile(families: ReadonlySet<string>, paths: readonly string[], first: boolean): Promise<void> {
    const candidates = inOrder(this.probeAll(new Set([...paths, ...(await siblingsOf(families))])));
    const context = {
      first,
      readFrom: this.config.read_from,
      searchedMs: this.searchedBeforeMs,
      startedMs: this.startedMs,
      names: new Set([...this.positions.entries.values()].map((entry) => entry.path)),
      latest: latestWrites(this.positions.entries.values()),
      isSelected: (path: string) => this.selection.has(path),
    };
    for (const candidate of candidates) await this.displace(candidate);
    const matches = match(this.remembered(), candidates);
    for (const candidate of candidates) {
      const owner = matches.owner.get(candidate);
      if (owner !== undefined) {
        owner.seenMs = Date.now();
        if (matches.place.get(owner) === candidate) await this.locate(owner, candidate);
      } else if (!matches.unripe.has(candidate)) {
        let offset: number | undefined;
        try {
          offset = firstOffset(candidate, context);
        } catch (error) {
          // Gone since it was looked at. The next search decides anew.
          this.complain(candidate.path, error);
          continue;
        }
        if (offset !== undefined) {
          const entry = this.positions.add(candidate, offset, Date.now());
          if (offset === NOTHING_OF_IT) entry.end = offset;
          else await this.track(entry, candidate, candidate.included && !candidate.gzip);
        }
      }
      if (candidate.included && !this.live.has(candidate.path)) this.settled.set(candidate.path, signatureOf(candidate));
    }
    for (const file of this.files.values()) if (file.state === 'lost' && families.has(familyOf(file.entry.path))) this.missed(file);
  }

  /**
   * Takes its name from a content of which the file there holds something else by now. A search may find that before the next look does, and
   * what is there must wait for what was there before.
   */
  private async displace(candidate: Candidate): Promise<void> {
    const file =
      this.live.get(candidate.path) ?? [...this.files.values()].find((other) => other.state === 'lost' && other.path === candidate.path);
    if (file === undefined) return;
    const { entry, head } = file;
    const sameFile = entry.dev === candidate.dev && entry.ino === candidate.ino;
    if (head.length === 0 && sameFile) {
      // Nothing is known of it, so nothing is lost with it; what came since may be in several files, and the search puts them in order.
      if (candidate.size > 0 || candidate.mtimeMs !== file.mtimeMs) await this.drop(file);
    } else if (file.state === 'live') {
      const holds = candidate.size >= entry.read && candidate.head.length >= head.length && startsAlike(candidate.head, head);
      if (!sameFile) this.detach(file, performance.now());
      else if (!holds) await this.lose(file);
    }
  }

  /** A search found no file that holds this content. The second may: a rotator was between two renames. */
  private missed(file: TrackedFile): void {
    file.searches += 1;
    if (file.searches < 2 && file.entry.fingerprint.length > 0) return;
    if (file.entry.fingerprint.length > 0) {
      this.context.count('contents_gone');
      this.context.log.info('a file was truncated or removed, and no copy of it is there: what was not read of it cannot be read', {
        path: file.entry.path,
        position: file.entry.read,
      });
    }
    file.finishing = true;
    file.hot = true;
  }

  private async locate(entry: Entry, found: Candidate): Promise<void> {
    const file = this.files.get(entry.id);
    const home = found.included && !found.gzip && found.path === entry.path && !this.live.has(found.path);
    if (file === undefined) {
      const unread = found.gzip ? entry.end === undefined || entry.read < entry.end : found.size > entry.read;
      if (home || unread) await this.track(entry, found, home);
    } else if (file.state === 'lost') {
      file.complete = found.gzip || found.ino !== entry.ino;
      await this.settleAt(file, found, home);
    } else if (file.state === 'detached' && home && !file.finishing && found.ino === entry.ino && found.dev === entry.dev) {
      await this.settleAt(file, found, true);
    }
  }

  private async track(entry: Entry, found: Candidate, home: boolean): Promise<void> {
    const file = new TrackedFile(entry, this.sourceOf(entry), found.head, found.path, performance.now());
    file.complete = found.gzip;
    // Its fingerprint covers what was there when it was saved; the head may be longer.
    if (entry.fingerprint.length < file.head.length) file.head = file.head.subarray(0, entry.fingerprint.length);
    const family = familyOf(entry.path);
    for (const other of this.files.values()) {
      if (other.state !== 'live' && !other.drained && familyOf(other.entry.path) === family) file.after = other;
    }
    this.files.set(entry.id, file);
    await this.settleAt(file, found, home);
  }

  private async settleAt(file: TrackedFile, found: Candidate, home: boolean): Promise<void> {
    file.path = found.path;
    file.entry.dev = found.dev;
    file.entry.ino = found.ino;
    file.entry.end = undefined;
    this.positions.touch();
    file.state = home ? 'live' : 'detached';
    file.hot = true;
    file.size = -1;
    file.mtimeMs = found.mtimeMs;
    file.quietSince = performance.now();
    if (home) {
      this.live.set(found.path, file);
      this.settled.delete(found.path);
    }
    // Held from now on, so that it can be drained when it loses its name.
    if (file.content !== null || this.descriptors.full) return;
    // What cannot be opened now is tried again with its first turn.
    await this.descriptors.ensure(file).catch(() => false);
    if (!this.isTheSameFile(file)) await this.descriptors.close(file);
  }

  private probeAll(paths: ReadonlySet<string>): Candidate[] {
    const byInode = new Map<string, Candidate>();
    for (const path of [...paths].sort()) {
      try {
        const found = probe(path, this.selection.has(path));
        if (found === undefined) continue;
        const key = inodeOf(found);
        const other = byInode.get(key);
        // One file under several names: the one that is read already, else one that is selected.
        if (other === undefined || (!this.live.has(other.path) && (this.live.has(path) || (found.included && !other.included)))) {
          byInode.set(key, found);
        } else if (found.included) this.settled.set(path, signatureOf(found));
      } catch (error) {
        this.complain(path, error);
      }
    }
    return [...byInode.values()];
  }

  private sourceOf(entry: Entry): Source {
    const { host, program, timezone, format } = this.config;
    return {
      id: entry.id,
      input: this.context.name,
      name: entry.path,
      program: program ?? programOf(entry.path),
      host: host ?? this.context.host,
      timezone,
      format,
    };
  }
}

function inodeOf(file: { dev: number; ino: number }): string {
  return `${file.dev}:${file.ino}`;
}

function signatureOf(file: { dev: number; ino: number; mtimeMs: number }): string {
  return `${inodeOf(file)}:${file.mtimeMs}`;
}

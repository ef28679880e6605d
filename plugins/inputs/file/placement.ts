import type { ComponentContext } from '../../../src/plugin/contract.js';
import { familyOf, programOf } from '../../../src/record/log-name.js';
import type { Source } from '../../../src/record/source.js';
import type { FileInputConfig } from './config.js';
import { startsAlike } from './fingerprint.js';
import type { Entry, Positions } from './positions.js';
import type { Candidate } from './probe.js';
import { TrackedFile } from './tracked-file.js';
import type { TrackedFiles } from './tracked-files.js';

/** Says of a content, once a search knows what the files hold, from which it is read, after which other, and under which name. */
export class Placement {
  constructor(
    readonly config: FileInputConfig,
    readonly context: ComponentContext,
    readonly positions: Positions,
    readonly files: TrackedFiles,
  ) {}

  /** A known content was found, and this is the best file to read it from. */
  async locate(entry: Entry, found: Candidate): Promise<void> {
    const file = this.files.byId.get(entry.id);
    const home = found.included && !found.gzip && found.path === entry.path && !this.files.live.has(found.path);
    if (file === undefined) {
      const unread = found.gzip ? entry.end === undefined || entry.read < entry.end : found.size > entry.read;
      if (home || unread) await this.track(entry, found, home);
    } else if (file.state === 'lost') {
      file.complete = found.gzip || found.ino !== entry.ino;
      // It may have been given up a moment ago.
      file.finishing = false;
      await this.#settleAt(file, found, home);
    } else if (file.state === 'detached' && home && !file.finishing && found.ino === entry.ino && found.dev === entry.dev) {
      await this.#settleAt(file, found, true);
    }
  }

  /** Begins to read a content; it waits for what was written before it. */
  async track(entry: Entry, found: Candidate, home = found.included && !found.gzip): Promise<void> {
    const file = new TrackedFile(entry, this.#sourceOf(entry), found.head, found.path, performance.now());
    file.complete = found.gzip;
    // Its fingerprint covers what was there when it was saved; the head may be longer.
    if (entry.fingerprint.length < file.head.length) file.head = file.head.subarray(0, entry.fingerprint.length);
    const family = familyOf(entry.path);
    for (const other of this.files.byId.values()) {
      if (other.state !== 'live' && !other.drained && familyOf(other.entry.path) === family) file.after = other;
    }
    this.files.byId.set(entry.id, file);
    await this.#settleAt(file, found, home);
  }

  async #settleAt(file: TrackedFile, found: Candidate, home: boolean): Promise<void> {
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
    if (home) this.files.live.set(found.path, file);
    // Held from now on, so that it can be drained when it loses its name.
    if (file.content !== null || this.files.descriptors.full) return;
    // What cannot be opened now is tried again with its first turn.
    await this.files.descriptors.ensure(file).catch(() => false);
    if (!this.files.isTheSameFile(file)) await this.files.descriptors.close(file);
  }

  /** A search found no file that holds this content. The second may: a rotator was between two renames. */
  missed(file: TrackedFile): void {
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

  /**
   * Takes its name from a content of which the file there holds something else by now. A search may find that before the next look does, and
   * what is there must wait for what was there before.
   */
  async displace(candidate: Candidate): Promise<void> {
    const file =
      this.files.live.get(candidate.path) ??
      [...this.files.byId.values()].find((other) => other.state === 'lost' && other.path === candidate.path);
    if (file === undefined) return;
    const { entry, head } = file;
    const sameFile = entry.dev === candidate.dev && entry.ino === candidate.ino;
    if (head.length === 0 && sameFile) {
      // Nothing is known of it, so nothing is lost with it; what came since may be in several files, and the search puts them in order.
      if (candidate.size > 0 || candidate.mtimeMs !== file.mtimeMs) await this.files.drop(file);
    } else if (file.state === 'live') {
      const holds = candidate.size >= entry.read && candidate.head.length >= head.length && startsAlike(candidate.head, head);
      if (!sameFile) this.files.detach(file, performance.now());
      else if (!holds) await this.files.lose(file);
    }
  }

  #sourceOf(entry: Entry): Source {
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

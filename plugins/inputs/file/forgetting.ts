import { familyOf } from '../../../src/record/log-name.js';
import type { FileInputConfig } from './config.js';
import { match } from './match.js';
import type { Entry, Positions } from './positions.js';
import { inodeOf, lookAt } from './probe.js';
import type { Search } from './search.js';
import { siblingsOf } from './selection.js';
import type { TrackedFiles } from './tracked-files.js';

/** Bounds what is remembered of files that are no more. */
export class Forgetting {
  /** To be forgotten if the next search does not find them either. */
  #missing = new Set<Entry>();

  constructor(
    readonly config: FileInputConfig,
    readonly positions: Positions,
    readonly files: TrackedFiles,
    readonly search: Search,
  ) {}

  /** Forgets contents that nobody has seen for long, but not those that still lie there, unchanged: they would be taken for new when renamed. */
  async forgetGone(selected: readonly string[], nowMs: number): Promise<void> {
    const unseen = this.positions.unseenSince(nowMs - this.config.forget_after_days * 86_400_000);
    if (unseen.length === 0) {
      this.#missing.clear();
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
    const owners = new Set(match(this.files.remembered(), this.search.probeAll(paths)).owner.values());
    // By inode as well: a file that cannot be read is not gone.
    const [kept, gone] = [new Set<Entry>(), new Set<Entry>()];
    for (const entry of unseen) (owners.has(entry) || there.has(inodeOf(entry)) ? kept : gone).add(entry);
    for (const entry of kept) entry.seenMs = nowMs;
    if (kept.size > 0) this.positions.touch();
    // Only what two searches missed: a rotator may be between two renames.
    this.positions.forget([...gone].filter((entry) => this.#missing.has(entry)));
    this.#missing = gone;
  }
}

import { familyOf } from '../../../src/record/log-name.js';
import type { FileInputConfig } from './config.js';
import { match } from './match.js';
import type { Placement } from './placement.js';
import type { Positions } from './positions.js';
import { type Candidate, inodeOf, lookAt, probe, signatureOf } from './probe.js';
import { type Selection, siblingsOf } from './selection.js';
import { firstOffset, inOrder, latestWrites, NOTHING_OF_IT } from './start.js';
import type { TrackedFiles } from './tracked-files.js';

/** Finds out which content is in which file. */
export class Search {
  /** Selected files that need no reading, as they were when that was decided. */
  readonly #settled = new Map<string, string>();
  readonly #startedMs = Date.now();
  /** When, before this start, new files were last searched for. */
  searchedBeforeMs = 0;

  constructor(
    readonly config: FileInputConfig,
    readonly positions: Positions,
    readonly selection: Selection,
    readonly files: TrackedFiles,
    readonly placement: Placement,
  ) {}

  /** Finds out what the files of these families, and those under `paths`, hold, and takes up what is to be read. */
  async reconcile(families: ReadonlySet<string>, paths: readonly string[], first: boolean): Promise<void> {
    const candidates = inOrder(this.probeAll(new Set([...paths, ...(await siblingsOf(families))])));
    const context = {
      first,
      readFrom: this.config.read_from,
      searchedMs: this.searchedBeforeMs,
      startedMs: this.#startedMs,
      names: new Set([...this.positions.entries.values()].map((entry) => entry.path)),
      latest: latestWrites(this.positions.entries.values()),
      isSelected: (path: string) => this.selection.has(path),
    };
    for (const candidate of candidates) await this.placement.displace(candidate);
    const matches = match(this.files.remembered(), candidates);
    for (const candidate of candidates) {
      const owner = matches.owner.get(candidate);
      if (owner !== undefined) {
        owner.seenMs = Date.now();
        if (matches.place.get(owner) === candidate) await this.placement.locate(owner, candidate);
      } else if (!matches.unripe.has(candidate)) {
        let offset: number | undefined;
        try {
          offset = firstOffset(candidate, context);
        } catch (error) {
          // Gone since it was looked at. The next search decides anew.
          this.files.complain(candidate.path, error);
          continue;
        }
        if (offset !== undefined) {
          const entry = this.positions.add(candidate, offset, Date.now());
          if (offset === NOTHING_OF_IT) entry.end = offset;
          else await this.placement.track(entry, candidate);
        }
      }
      if (this.files.live.has(candidate.path)) this.#settled.delete(candidate.path);
      else if (candidate.included) this.#settled.set(candidate.path, signatureOf(candidate));
    }
    for (const file of this.files.byId.values())
      if (file.state === 'lost' && families.has(familyOf(file.entry.path))) this.placement.missed(file);
  }

  /** True if something is under this name that no search has seen. */
  isNews(path: string): boolean {
    const seen = lookAt(path);
    return seen !== undefined && this.#settled.get(path) !== signatureOf(seen);
  }

  /** How the files under these names begin, each file once. */
  probeAll(paths: ReadonlySet<string>): Candidate[] {
    const byInode = new Map<string, Candidate>();
    for (const path of [...paths].sort()) {
      try {
        const found = probe(path, this.selection.has(path));
        if (found === undefined) continue;
        const key = inodeOf(found);
        const other = byInode.get(key);
        // One file under several names: the one that is read already, else one that is selected.
        if (
          other === undefined ||
          (!this.files.live.has(other.path) && (this.files.live.has(path) || (found.included && !other.included)))
        ) {
          byInode.set(key, found);
        } else if (found.included) this.#settled.set(path, signatureOf(found));
      } catch (error) {
        this.files.complain(path, error);
      }
    }
    return [...byInode.values()];
  }
}

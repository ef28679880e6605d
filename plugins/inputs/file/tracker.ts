import type { ComponentContext } from '../../../src/plugin/contract.js';
import { familyOf } from '../../../src/record/log-name.js';
import type { FileInputConfig } from './config.js';
import { Descriptors } from './descriptors.js';
import { Forgetting } from './forgetting.js';
import { Look } from './look.js';
import { Placement } from './placement.js';
import type { Positions } from './positions.js';
import { lookAt } from './probe.js';
import { Search } from './search.js';
import { Selection } from './selection.js';
import type { TrackedFile } from './tracked-file.js';
import { TrackedFiles } from './tracked-files.js';

/** Knows which contents are to be read, and where each is now. */
export class Tracker {
  readonly descriptors: Descriptors;
  readonly #tracked: TrackedFiles;
  readonly #selection: Selection;
  readonly #search: Search;
  readonly #look: Look;
  readonly #forgetting: Forgetting;

  constructor(
    config: FileInputConfig,
    context: ComponentContext,
    readonly positions: Positions,
  ) {
    this.#selection = new Selection(context.configDir, config.include, config.exclude, () => context.ownFiles());
    this.descriptors = new Descriptors(config.max_open_files, config.max_line_bytes + 2 * config.read_block_bytes);
    this.#tracked = new TrackedFiles(this.descriptors, context, positions);
    const placement = new Placement(config, context, positions, this.#tracked);
    this.#search = new Search(config, positions, this.#selection, this.#tracked, placement);
    this.#look = new Look(config, this.#tracked);
    this.#forgetting = new Forgetting(config, positions, this.#tracked, this.#search);
  }

  /** Contents by their entry's id, in the order in which they were taken up. */
  get files(): ReadonlyMap<string, TrackedFile> {
    return this.#tracked.byId;
  }

  /** Looks for files that are new. At the first time, what is remembered is matched to what is there. */
  async discover(first: boolean): Promise<void> {
    const searchedMs = Date.now();
    if (first) this.#search.searchedBeforeMs = this.positions.searchedMs;
    const found = await this.#selection.find();
    const unknown = found.filter((path) => !this.#tracked.live.has(path) && this.#search.isNews(path));
    const remembered = first ? [...this.positions.entries.values()].map((entry) => entry.path) : [];
    if (unknown.length > 0 || remembered.length > 0) {
      await this.#search.reconcile(new Set([...remembered, ...unknown].map(familyOf)), unknown, first);
    }
    this.positions.searchedMs = searchedMs;
    for (const file of this.files.values()) file.entry.seenMs = searchedMs;
    await this.#forgetting.forgetGone(found, searchedMs);
  }

  /** Looks at every file that is being read: has it grown, lost its name, or been rewritten? */
  async poll(): Promise<void> {
    const now = performance.now();
    const changed = new Set<string>();
    for (const file of this.files.values()) {
      const isChanged = await this.#look.at(file, now);
      const name = file.entry.path;
      const nameIsFree =
        file.state === 'detached' && !this.#tracked.live.has(name) && this.#selection.has(name) && this.#search.isNews(name);
      if (isChanged || nameIsFree) changed.add(familyOf(name));
    }
    if (changed.size > 0) await this.#search.reconcile(changed, [], false);
  }

  /** The file holds something else now: looks for a copy of what it held, and takes up what it holds. */
  async rewritten(file: TrackedFile): Promise<void> {
    await this.#tracked.lose(file);
    await this.#search.reconcile(new Set([familyOf(file.entry.path)]), [], false);
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
      else this.#tracked.complain(file.path, error);
      return false;
    }
    if (wasOpen || this.#tracked.isTheSameFile(file)) return true;
    await this.rewritten(file);
    return false;
  }

  /** Lets go of a content that was read to its end or is gone. */
  drop(file: TrackedFile): Promise<void> {
    return this.#tracked.drop(file);
  }

  /** Says once per file, and counts always, that it cannot be read. */
  complain(path: string, error: unknown): void {
    this.#tracked.complain(path, error);
  }
}

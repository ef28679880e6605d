import type { Source } from '../../../src/record/source.js';
import type { Content } from './content.js';
import type { Entry } from './positions.js';

/**
 * Where the content of a file is:
 * - `live`: under the name that it was found by;
 * - `detached`: under another name or none; read through the descriptor, or from a copy;
 * - `lost`: nowhere yet; a file that holds it is being looked for.
 */
export type State = 'live' | 'detached' | 'lost';

/** One content that is being read. A file that is truncated and written anew is another one. */
export class TrackedFile {
  state: State = 'live';
  content: Content | null = null;
  /** Where the next read starts: the start of the first line that was not given out, or, within a long line, where the search for its end goes on. */
  scanned: number;
  /** So many bytes were looked at. */
  looked: number;
  /** The first bytes of a line that is already too long. */
  front: Buffer | null = null;
  /** There may be something to read. */
  hot = true;
  /** Size and time at the last look; -1 makes the next look a new one. */
  size = -1;
  mtimeMs = -1;
  /** Nothing will be appended: a copy, or a compressed file. */
  complete = false;
  /** Its end was reached after it lost its name, so what follows it may be read. */
  drained = false;
  /** Must be drained first: what was written before. */
  after: TrackedFile | null = null;
  /** Its next turn is its last. */
  finishing = false;
  searches = 0;
  /** On the clock of `performance.now()`. */
  quietSince: number;

  /** @param head its first bytes, at most as many as a fingerprint covers. */
  constructor(
    readonly entry: Entry,
    readonly source: Source,
    public head: Buffer,
    public path: string,
    now: number,
  ) {
    this.scanned = entry.read;
    this.looked = entry.read;
    this.quietSince = now;
  }

  /** Takes the next read back to the first line that was not given out. */
  rewind(): void {
    this.scanned = this.entry.read;
    this.looked = this.entry.read;
    this.front = null;
    this.size = -1;
  }

  /** True if it must wait for what was written before it. */
  get blocked(): boolean {
    if (this.after?.drained) this.after = null;
    return this.after !== null;
  }
}

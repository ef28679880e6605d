import { detached } from '../detached.js';
import type { LogRecord } from '../record.js';
import type { Source } from '../source.js';
import type { TimestampReader } from '../timestamp.js';

const NAMES_KEPT = 512;
/** What is longer is no name, and would be kept for long. */
const LONGEST_NAME = 255;

/** One string for each name that occurs again and again (loggers), so that they hash once and do not keep their lines in memory. */
export class Names {
  readonly #known = new Map<string, string>();
  #last = '';

  /** The name that stands in `line` from `at` to `end`. */
  get(line: string, at: number, end: number): string {
    const last = this.#last;
    if (end - at === last.length && line.startsWith(last, at)) return last;
    const name = line.slice(at, end);
    if (name.length > LONGEST_NAME) return name;
    let known = this.#known.get(name);
    if (known === undefined) {
      if (this.#known.size >= NAMES_KEPT) this.#known.clear();
      known = detached(name);
      this.#known.set(known, known);
    }
    this.#last = known;
    return known;
  }
}

/** What the decoders of one source share. */
export interface DecodeState {
  readonly source: Source;
  readonly time: TimestampReader;
  readonly names: Names;
  /** Set by a decoder: the line just decoded has the form of a line of a traceback, and belongs to the record before it if that fits. */
  traceback: boolean;
  /** How many wrappings have been taken off the line; bounded by {@link unwrap}. */
  depth: number;
}

const DEEPEST = 4;

/** Decodes what stood in a wrapping. A line that is wrapped again and again is left as it is, so that it cannot exhaust the stack. */
export function unwrap(line: string, offset: number, state: DecodeState, inner: LineDecoder): LogRecord | null {
  state.depth++;
  return state.depth > DEEPEST ? null : inner(line, offset, state);
}

/** Decodes one line; null where it has another form. Never throws. */
export type LineDecoder = (line: string, offset: number, state: DecodeState) => LogRecord | null;

import type { Identity, LogRecord } from '../record.js';
import type { Source } from '../source.js';
import type { TextCache } from '../text-cache.js';
import type { TimestampReader } from '../timestamp.js';

/** What the decoders of one source share. */
export interface DecodeState {
  readonly source: Source;
  readonly time: TimestampReader;
  /** One string for each logger: it hashes once. */
  readonly names: TextCache<string>;
  /** By the columns behind a request's ids. */
  readonly identities: TextCache<Identity>;
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

import { Joiner } from './joiner.js';
import type { LogRecord } from './record.js';
import type { Source } from './source.js';

/** Bounds of one record in a text that somebody gives by hand. */
const LIMITS = { maxLines: 1000, maxBytes: 1_048_576 };

/** All records of a text, decoded and joined as an input does it; the last line needs no end. */
export function decodeText(text: string, source: Source): LogRecord[] {
  const lines = text.replace(/\r?\n$/, '').split(/\r?\n/);
  const joiner = new Joiner(source, LIMITS);
  const records = joiner.feed({ source, lines, offsets: lines.map((_, i) => i), end: lines.length, bytes: text.length });
  return [...records, ...joiner.flush()];
}

import { Decoder } from '../../src/record/decode.js';
import { Joiner, type JoinerLimits } from '../../src/record/joiner.js';
import type { LogRecord } from '../../src/record/record.js';
import type { LineBlock, Source } from '../../src/record/source.js';

/** What the tests' clock says: 4 March 2026, noon. */
export const NOW = Date.UTC(2026, 2, 4, 12);

/** 2 March 2026, 10:11:12.123, the time of most lines. */
export const TIME = Date.UTC(2026, 2, 2, 10, 11, 12, 123);

export function testSource(changes: Partial<Source> = {}): Source {
  return { id: 's', input: 'i', name: 'n', program: 'nova-compute', host: 'compute01', timezone: 'Etc/UTC', format: 'auto', ...changes };
}

/** The record of one line; fails where no decoder knows it. */
export function decoded(line: string, changes: Partial<Source> = {}): LogRecord {
  const record = new Decoder(testSource(changes), () => NOW).decode(line, 0);
  if (record === null) throw new Error(`not decoded: ${line.slice(0, 200)}`);
  return record;
}

/** Lines from `begin` on, each at the position of its number. */
export function blockOf(lines: readonly string[], begin = 0, changes: Partial<LineBlock> = {}): LineBlock {
  const offsets = lines.map((_, i) => begin + i);
  const bytes = lines.reduce((sum, line) => sum + line.length + 1, 0);
  return { source: testSource(), lines, offsets, end: begin + lines.length, bytes, ...changes };
}

export const LIMITS: JoinerLimits = { maxLines: 1000, maxBytes: 1_048_576 };

export function joined(lines: readonly string[], limits: JoinerLimits = LIMITS): LogRecord[] {
  const joiner = new Joiner(testSource(), limits, () => NOW);
  return [...joiner.feed(blockOf(lines)), ...joiner.flush()];
}

import { closeSync, openSync, readSync } from 'node:fs';
import { familyOf } from '../../../src/record/log-name.js';
import type { Entry } from './positions.js';
import type { Candidate } from './probe.js';

/** What decides where a new content is read from. Times in milliseconds since the epoch. */
export interface StartContext {
  /** The input has just started. */
  readonly first: boolean;
  readonly readFrom: 'end' | 'beginning';
  /** When, before this start, new files were last searched for; 0 if never. */
  readonly searchedMs: number;
  readonly startedMs: number;
  /** Names that were being read before. */
  readonly names: ReadonlySet<string>;
  /** Time of the last known write to any remembered content, by family. */
  readonly latest: ReadonlyMap<string, number>;
  readonly isSelected: (path: string) => boolean;
}

/** File times come from a coarser clock than ours, which may be some milliseconds ahead. */
const CLOCK_SLACK_MS = 20;

/** What copies a time may round it. */
const TIME_SLACK_MS = 1;

/** Where a file with content that was never seen is to be read from; undefined if it is none of ours. */
export function firstOffset(file: Candidate, context: StartContext): number | undefined {
  const latest = context.latest.get(familyOf(file.path));
  // Rotators keep the time of what they rename or compress: what was written since belongs behind what was read, what was written before it
  // was rotated away before this agent ever came.
  const follows = latest !== undefined && file.mtimeMs >= latest - TIME_SLACK_MS;
  if (!file.included) {
    if (file.head.length === 0) return undefined;
    // Made, filled and rotated away before anybody looked.
    const since = (context.first ? context.searchedMs || Number.POSITIVE_INFINITY : context.startedMs) - CLOCK_SLACK_MS;
    const appeared = file.birthtimeMs >= since && file.mtimeMs >= since && context.isSelected(familyOf(file.path));
    return follows || appeared ? 0 : undefined;
  }
  const appeared =
    !context.first || context.names.has(file.path) || (context.searchedMs > 0 && file.birthtimeMs > context.searchedMs - CLOCK_SLACK_MS);
  if (appeared || follows || context.readFrom === 'beginning') return 0;
  return endOf(file);
}

/** The latest write to any remembered content, by family. */
export function latestWrites(entries: Iterable<Entry>): Map<string, number> {
  const latest = new Map<string, number>();
  for (const entry of entries) {
    const family = familyOf(entry.path);
    latest.set(family, Math.max(latest.get(family) ?? 0, entry.mtimeMs));
  }
  return latest;
}

/** In the order in which they were written: of files written at the same time, the one with the higher rotation number first. */
export function inOrder(files: readonly Candidate[]): Candidate[] {
  return files.toSorted((a, b) => a.mtimeMs - b.mtimeMs || b.path.length - a.path.length || (a.path < b.path ? 1 : -1));
}

/** The offset in a compressed file of which nothing is to be read. */
export const NOTHING_OF_IT = Number.MAX_SAFE_INTEGER;

const BACK_BYTES = 65_536;

/** The start of the last, unfinished line of a file, or its end. Of a compressed file: nothing of it is read. */
function endOf(file: Candidate): number {
  if (file.gzip) return NOTHING_OF_IT;
  const fd = openSync(file.path, 'r');
  try {
    const from = Math.max(0, file.size - BACK_BYTES);
    const block = Buffer.alloc(file.size - from);
    const length = readSync(fd, block, 0, block.length, from);
    const newline = block.subarray(0, length).lastIndexOf(10);
    if (newline !== -1) return from + newline + 1;
    return from === 0 ? 0 : from + length;
  } finally {
    closeSync(fd);
  }
}

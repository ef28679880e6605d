import type { Answered } from './judged.js';
import { isRightOrSecond } from './measures.js';

/** A label that was taken for another. */
export interface Confusion {
  readonly label: string;
  readonly answer: string;
  readonly records: number;
  /** Where the labels file has the first of them. */
  readonly firstLine: number;
}

/** Wrong answers (no second label either) by label and answer, the most frequent first. */
export function confusions(records: readonly (Answered & { readonly line: number })[]): Confusion[] {
  const found = new Map<string, Confusion>();
  for (const record of records) {
    const { label, answer, line } = record;
    if (answer === null || isRightOrSecond(record)) continue;
    const key = `${label} ${answer}`;
    const before = found.get(key);
    found.set(key, { label, answer, records: (before?.records ?? 0) + 1, firstLine: before?.firstLine ?? line });
  }
  return [...found.values()].sort((a, b) => b.records - a.records || a.firstLine - b.firstLine);
}

import { harmless } from '../record/profiles/pretty.js';
import type { Tally } from '../telemetry/tally.js';
import { columns, count, percent } from './columns.js';

/** What went through and how fast, as a table for a person. `seconds` is the time that it took. */
export function summary(tally: Tally, seconds: number): string {
  const rate = seconds > 0 ? Math.round(tally.records / seconds) : 0;
  const rows: [string, string, string][] = [['records', count(tally.records), `${count(rate)}/s`]];
  const row = (name: string, records: number): void => void rows.push([name, count(records), percent(records / tally.records)]);
  for (const [stage, records] of Object.entries(tally.stages))
    if (records > 0) row(stage === 'none' ? 'unclassified' : `by ${stage}`, records);
  rows.push(['', '', '']);
  // Labels may come from a file that somebody else wrote.
  for (const [label, records] of [...tally.labels].sort((a, b) => b[1] - a[1])) row(harmless(label), records);
  for (const [name, number] of [...tally.counts].sort()) rows.push([name, count(number), '']);
  return columns(rows);
}

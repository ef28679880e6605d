import { harmless } from '../record/profiles/pretty.js';
import type { Tally } from '../telemetry/tally.js';

/** What went through and how fast, as a table for a person. `seconds` is the time that it took. */
export function summary(tally: Tally, seconds: number): string {
  const rate = seconds > 0 ? Math.round(tally.records / seconds) : 0;
  const rows: [string, string, string][] = [['records', count(tally.records), `${count(rate)}/s`]];
  for (const [stage, records] of Object.entries(tally.stages)) {
    if (records > 0) rows.push([stage === 'none' ? 'unclassified' : `by ${stage}`, count(records), share(records, tally.records)]);
  }
  rows.push(['', '', '']);
  // Labels may come from a file that somebody else wrote.
  for (const [label, records] of [...tally.labels].sort((a, b) => b[1] - a[1]))
    rows.push([harmless(label), count(records), share(records, tally.records)]);
  for (const [name, number] of [...tally.counts].sort()) rows.push([name, count(number), '']);
  const widths = [0, 1, 2].map((column) => Math.max(...rows.map((row) => row[column]?.length ?? 0)));
  return rows
    .map((row) => `  ${row[0].padEnd(widths[0] ?? 0)}  ${row[1].padStart(widths[1] ?? 0)}  ${row[2].padStart(widths[2] ?? 0)}`.trimEnd())
    .join('\n');
}

function count(number: number): string {
  return number.toLocaleString('en-US');
}

function share(part: number, whole: number): string {
  return whole === 0 ? '' : `${((100 * part) / whole).toFixed(1)} %`;
}

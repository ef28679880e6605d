import { harmless } from '../record/profiles/pretty.js';
import type { ReplayTally } from '../replay/replay.js';
import type { Survey } from '../replay/survey.js';
import { columns, count } from './columns.js';

/** Rows of a list that are shown. */
const SHOWN = 50;

/** What a run has done, as a table for a person. @param files how many there were */
export function replaySummary(found: Survey, tally: ReplayTally, files: number): string {
  const rows: [string, string][] = [...readRows(found)];
  for (const [output, letters] of tally.stored) rows.push([`sent to ${output}`, count(letters)]);
  const refused = [...tally.refused.values()].reduce((sum, letters) => sum + letters, 0);
  rows.push(['refused again', count(refused)]);
  const reasons = [...tally.refused].sort((a, b) => b[1] - a[1]);
  for (const [reason, letters] of reasons.slice(0, SHOWN)) rows.push([`  ${harmless(reason)}`, count(letters)]);
  if (reasons.length > SHOWN) rows.push([`  ${count(reasons.length - SHOWN)} more reasons`, '']);
  if (tally.unclear > 0) rows.push(['written with refused ones, kept', count(tally.unclear)]);
  rows.push(['files', count(files)]);
  if (tally.removed > 0) rows.push(['files removed', count(tally.removed)]);
  return columns(rows);
}

/** What a run would do. */
export function dryRunReport(found: Survey): string {
  const rows: [string, string][] = [...readRows(found)];
  for (const [output, letters] of found.waiting) rows.push([`to be sent, refused by ${harmless(output)}`, count(letters)]);
  const groups = found.groups.slice(0, SHOWN).map(({ output, reason, label, letters }) => {
    return `  ${count(letters).padStart(9)}  ${harmless(output)}  ${harmless(label) || '-'}  ${harmless(reason)}`;
  });
  const more = found.groups.length > SHOWN ? [`  ${count(found.groups.length - SHOWN)} more kinds`] : [];
  const list = groups.length === 0 ? [] : ['', '  letters, refused by, label, reason:', ...groups, ...more];
  return [columns(rows), ...list].join('\n');
}

function readRows(found: Survey): [string, string][] {
  const rows: [string, string][] = [['letters', count(found.letters)]];
  if (found.skipped > 0) rows.push(['not chosen', count(found.skipped)]);
  if (found.replayed > 0) rows.push(['replayed before', count(found.replayed)]);
  if (found.unreadable > 0) rows.push(['unreadable lines', count(found.unreadable)]);
  if (found.torn > 0) rows.push(['torn by a crash, read again since', count(found.torn)]);
  return rows;
}

import { TrilogError } from '../errors.js';
import type { Source } from '../record/source.js';
import type { Taxonomy } from '../stages/taxonomy.js';
import type { Labelled } from './labelled.js';
import { readRow } from './row.js';
import { type LineProblem, readRows } from './rows.js';

/** So many problems are told; a wrong file has one in every line. */
const MOST_PROBLEMS = 100;
/** So long is one, in characters; it may quote the file. */
const LONGEST_PROBLEM = 400;

/**
 * The labelled records of a file, NDJSON or CSV, in their order.
 * @param base the source of records of which a row says nothing else; its name is the file's.
 * @throws TrilogError `LABELS_INVALID` with each problem and its line; of many the first.
 */
export function parseLabels(text: string, base: Source, taxonomy: Taxonomy): Labelled[] {
  const { rows, problems: unreadable } = readRows(text);
  const labelled: Labelled[] = [];
  const problems: LineProblem[] = [...unreadable];
  for (const row of rows) {
    const found = readRow(row, base, taxonomy);
    if ('label' in found) labelled.push(found);
    else for (const message of found) problems.push({ line: row.line, message });
  }
  if (rows.length + problems.length === 0) throw new TrilogError('LABELS_INVALID', `${base.name}: it has no rows`);
  if (problems.length === 0) return labelled;
  throw new TrilogError('LABELS_INVALID', told(problems, base.name));
}

function told(problems: readonly LineProblem[], name: string): string {
  const sorted = problems.toSorted((a, b) => a.line - b.line);
  const lines = sorted.slice(0, MOST_PROBLEMS).map(({ line, message }) => `${name}:${line}: ${shortened(message)}`);
  if (sorted.length > MOST_PROBLEMS) lines.push(`and ${sorted.length - MOST_PROBLEMS} more`);
  return lines.join('\n');
}

function shortened(message: string): string {
  return message.length > LONGEST_PROBLEM ? `${message.slice(0, LONGEST_PROBLEM)}…` : message;
}

import { TrilogError } from '../errors.js';
import type { Source } from '../record/source.js';
import type { Taxonomy } from '../stages/taxonomy.js';
import type { Labelled } from './labelled.js';
import { readRow } from './row.js';
import { type LineProblem, readRows } from './rows.js';

/**
 * The labelled records of a file, NDJSON or CSV, in their order.
 * @param base the source of records of which a row says nothing else; its name is the file's.
 * @throws TrilogError `LABELS_INVALID` with every problem, each with its line.
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
  const sorted = problems.toSorted((a, b) => a.line - b.line);
  throw new TrilogError('LABELS_INVALID', sorted.map(({ line, message }) => `${base.name}:${line}: ${message}`).join('\n'));
}

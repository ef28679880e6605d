import { parse } from 'csv-parse/sync';
import { CSV_COLUMNS } from '../record/profiles/csv.js';
import type { Row } from './row.js';

/** Rows of a labels file that could be read, and what is wrong with the others: `line 7: …`. */
export interface Rows {
  readonly rows: readonly Row[];
  readonly problems: readonly LineProblem[];
}

export interface LineProblem {
  /** From 1. */
  readonly line: number;
  readonly message: string;
}

/** A row of CSV says what it is in one of these. */
const LABEL_COLUMNS = ['label', 'expected'];
const CSV = { skip_empty_lines: true } as const;
/** Reading ends after so many lines that are no CSV. */
const MOST_SKIPPED = 1000;
const WANTED = 'wanted is one JSON object a line, or CSV with a header';

/**
 * Lines of JSON where the first character that is no blank opens an object, else CSV with a header. A file that is plainly neither is told at once:
 * read as CSV it would be wrong in every line.
 */
export function readRows(text: string): Rows {
  const nul = text.indexOf('\0');
  if (nul >= 0) return refused(text.slice(0, nul).split('\n').length, `it is no text (it holds a NUL byte): ${WANTED}`);
  // Spreadsheets begin a file with a mark of the byte order.
  const plain = text.replace(/^\ufeff/, '');
  const before = /^\s*(?=\[)/.exec(plain)?.[0];
  if (before !== undefined) return refused(before.split('\n').length, `it is an array: ${WANTED}`);
  return /^\s*\{/.test(plain) ? jsonRows(plain) : csvRows(plain);
}

function refused(line: number, message: string): Rows {
  return { rows: [], problems: [{ line, message }] };
}

function jsonRows(text: string): Rows {
  const rows: Row[] = [];
  const problems: LineProblem[] = [];
  for (const [i, content] of text.split('\n').entries()) {
    if (content.trim() === '') continue;
    try {
      rows.push({ kind: 'json', value: JSON.parse(content) as unknown, line: i + 1 });
    } catch (error) {
      problems.push({ line: i + 1, message: `it is no JSON: ${error instanceof Error ? error.message : String(error)}` });
    }
  }
  return { rows, problems };
}

/** A record of CSV as csv-parse gives it with `info` and `raw`. */
interface CsvRecord {
  readonly record: Readonly<Record<string, string>>;
  readonly raw: string;
  /** `lines` is the line that the record ends in. */
  readonly info: { readonly lines: number };
}

function csvRows(text: string): Rows {
  const header = headerOf(text);
  if (header === null) return { rows: [], problems: [] };
  if (!LABEL_COLUMNS.some((column) => header.includes(column))) return refused(1, `it has no column \`label\` nor \`expected\`: ${WANTED}`);
  const problems: LineProblem[] = [];
  let records: readonly CsvRecord[] = [];
  const options = { ...CSV, columns: true, info: true, raw: true, skip_records_with_error: true } as const;
  const skipped = (error: unknown): undefined => {
    problems.push(csvProblem(error));
    // To skip on over what is no CSV takes minutes.
    if (problems.length >= MOST_SKIPPED) throw error;
    return undefined;
  };
  try {
    records = parse(text, { ...options, on_skip: skipped }) as unknown as readonly CsvRecord[];
  } catch (error) {
    if (problems.length < MOST_SKIPPED) problems.push(csvProblem(error));
  }
  const kind = CSV_COLUMNS.every((column) => header.includes(column)) ? 'result' : 'csv';
  return { rows: records.map(({ record, raw, info }) => ({ kind, value: record, line: info.lines - newlinesIn(raw) })), problems };
}

/** The names of the columns; null where there is nothing. A first line that is no CSV has none. */
function headerOf(text: string): readonly string[] | null {
  try {
    const [header] = parse(text, { ...CSV, to: 1 }) as string[][];
    return header ?? null;
  } catch {
    return [];
  }
}

/** Empty lines around a row belong to its raw text. */
function newlinesIn(raw: string): number {
  return raw.trim().split('\n').length - 1;
}

function csvProblem(error: unknown): LineProblem {
  const { lines } = (error ?? {}) as { lines?: unknown };
  return { line: typeof lines === 'number' ? lines : 1, message: error instanceof Error ? error.message : String(error) };
}

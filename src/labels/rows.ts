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

/** Lines of JSON where the first character that is no blank opens an object, else CSV with a header. */
export function readRows(text: string): Rows {
  // Spreadsheets begin a file with a mark of the byte order.
  const plain = text.replace(/^\ufeff/, '');
  return /^\s*\{/.test(plain) ? jsonRows(plain) : csvRows(plain);
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
  const problems: LineProblem[] = [];
  let records: readonly CsvRecord[] = [];
  const options = { columns: true, info: true, raw: true, skip_empty_lines: true, skip_records_with_error: true } as const;
  const skipped = (error: unknown): undefined => {
    problems.push(csvProblem(error));
    return undefined;
  };
  try {
    records = parse(text, { ...options, on_skip: skipped }) as unknown as readonly CsvRecord[];
  } catch (error) {
    skipped(error);
  }
  const columns = Object.keys(records[0]?.record ?? {});
  const kind = CSV_COLUMNS.every((column) => columns.includes(column)) ? 'result' : 'csv';
  return { rows: records.map(({ record, raw, info }) => ({ kind, value: record, line: info.lines - newlinesIn(raw) })), problems };
}

/** Empty lines around a row belong to its raw text. */
function newlinesIn(raw: string): number {
  return raw.trim().split('\n').length - 1;
}

function csvProblem(error: unknown): LineProblem {
  const { lines } = (error ?? {}) as { lines?: unknown };
  return { line: typeof lines === 'number' ? lines : 1, message: error instanceof Error ? error.message : String(error) };
}

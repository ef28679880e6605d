import { type Level, LogRecord } from '../../src/record/record.js';
import { errorSummary } from '../../src/record/exception.js';
import type { KnownStatements } from '../../src/stages/known/known-statements.js';
import { certaintyRow, NEARNESS } from '../../src/stages/known/statement-set.js';

/** A row of `labels/lines.jsonl`. */
export interface LabelledLine {
  readonly file: string;
  readonly logger: string;
  readonly level: string;
  readonly message: string;
  readonly label: string;
  readonly alt: string | null;
}

/** Literal words that are told apart; the last column stands for all that have more. */
const COLUMNS = 6;
/** Fewest literal words with which a match answers, by nearness and whether the statement is words only. Coarse on purpose: few lines are labelled. */
const LEAST_WORDS = [
  [NEARNESS.same, 2, 1],
  [NEARNESS.project, 2, 2],
  [NEARNESS.lastPart, 3, 2],
] as const;
/** As many imaginary lines, right as often as all are, steady the cells that few lines fall into. */
const PRIOR_LINES = 10;

/** A labelled line as the record that the agent would make of it. */
export function recordOf(line: LabelledLine): LogRecord {
  const source = { id: 'lines', input: 'lines', name: 'lines', program: '', host: '', timezone: 'Etc/UTC', format: 'auto' };
  const record = new LogRecord(source, 0, line.message);
  record.logger = line.logger;
  record.level = (line.level === 'AUDIT' ? 'INFO' : line.level) as Level;
  record.error = errorSummary(line.message, record.level);
  return record;
}

/** The table of confidences: 1 in each cell that may answer. Measure with it, then replace it by what {@link measured} says. */
export function permitted(): number[][] {
  const table: number[][] = Array.from({ length: 6 }, () => []);
  for (const [nearness, open, whole] of LEAST_WORDS) {
    table[certaintyRow(nearness, false)] = Array.from({ length: COLUMNS }, (_, i) => (i + 1 >= open ? 1 : 0));
    table[certaintyRow(nearness, true)] = Array.from({ length: COLUMNS }, (_, i) => (i + 1 >= whole ? 1 : 0));
  }
  return table;
}

/** Precision (first label) of the cells that may answer, measured on labelled lines that are no part of the statements. */
export function measured(known: KnownStatements, lines: readonly LabelledLine[]): number[][] {
  const table = permitted();
  const hits = table.map((row) => row.map(() => ({ all: 0, right: 0 })));
  const total = { all: 0, right: 0 };
  for (const line of lines) {
    const record = recordOf(line);
    const fit = known.find(record);
    const answer = known.match(record);
    if (fit === null || answer === null) continue;
    const cell = hits[certaintyRow(fit.nearness, fit.whole)]?.[Math.min(fit.literalWords, COLUMNS) - 1];
    for (const count of cell === undefined ? [total] : [cell, total]) {
      count.all++;
      if (answer.label === line.label) count.right++;
    }
  }
  const overall = total.right / Math.max(total.all, 1);
  return table.map((row, i) =>
    row.map((may, j) => {
      const { all, right } = hits[i]?.[j] ?? { all: 0, right: 0 };
      return may === 0 ? 0 : Math.round((1000 * (right + PRIOR_LINES * overall)) / (all + PRIOR_LINES)) / 1000;
    }),
  );
}

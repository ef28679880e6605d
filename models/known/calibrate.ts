import { type Level, LogRecord } from '../../src/record/record.js';
import { errorSummary } from '../../src/record/exception.js';
import type { Fit, KnownStatements } from '../../src/stages/known/known-statements.js';
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
  [NEARNESS.lastPart, 2, 2],
] as const;
/** As many imaginary statements, right as often as all are, steady the cells that few fall into. */
const PRIOR = 10;

/** A labelled line as the record that the agent would make of it. */
export function recordOf(line: LabelledLine): LogRecord {
  const source = { id: 'lines', input: 'lines', name: 'lines', program: '', host: '', timezone: 'Etc/UTC', format: 'auto' };
  const record = new LogRecord(source, 0, line.message);
  record.format = 'oslo';
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

/**
 * Precision (first label) of the cells that may answer, measured on labelled lines that are no part of the statements. A statement counts once,
 * however many lines it has: one that is printed often must not stand for all others with as many words.
 */
export function measured(known: KnownStatements, lines: readonly LabelledLine[]): number[][] {
  const byStatement = new Map<string, { fit: Fit; lines: number; right: number }>();
  for (const line of lines) {
    const record = recordOf(line);
    const fit = known.find(record);
    const answer = known.match(record);
    if (fit === null || answer === null) continue;
    const key = `${answer.id} ${fit.nearness}`;
    const entry = byStatement.get(key) ?? { fit, lines: 0, right: 0 };
    entry.lines++;
    if (answer.label === line.label) entry.right++;
    byStatement.set(key, entry);
  }
  const table = permitted();
  const counts = table.map((row) => row.map(() => ({ statements: 0, right: 0 })));
  for (const { fit, lines, right } of byStatement.values()) {
    const cell = counts[certaintyRow(fit.nearness, fit.whole)]?.[Math.min(fit.literalWords, COLUMNS) - 1];
    if (cell === undefined) continue;
    cell.statements++;
    cell.right += right / lines;
  }
  const all = counts.flat();
  const overall = sum(all.map(({ right }) => right)) / Math.max(sum(all.map(({ statements }) => statements)), 1);
  return table.map((row, i) =>
    row.map((may, j) => {
      const { statements, right } = counts[i]?.[j] ?? { statements: 0, right: 0 };
      return may === 0 ? 0 : Math.round((1000 * (right + PRIOR * overall)) / (statements + PRIOR)) / 1000;
    }),
  );
}

function sum(numbers: readonly number[]): number {
  return numbers.reduce((total, number) => total + number, 0);
}

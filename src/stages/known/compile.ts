import { KEY_WORDS, keyOfStart, keyOfWord, NO_LABEL, OPEN_END, OPEN_START, SILENT, type StatementSet } from './statement-set.js';
import { patternOf } from './template.js';
import { hashText, Words } from './words.js';

/** A log statement of a program, and what it says when it is printed. */
export interface LabelledStatement {
  /** Dotted, as in the record. */
  readonly logger: string;
  /** With `%`-style or brace-style placeholders. */
  readonly template: string;
  /** Null for one that must not answer, because what a placeholder holds decides. */
  readonly label: string | null;
  /** A second defensible label. */
  readonly second: string | null;
}

interface Row {
  readonly logger: number;
  readonly key: number;
  readonly flags: number;
  readonly runs: readonly { readonly hash: number; readonly length: number }[];
  readonly id: string;
  labels: readonly string[];
}

/** The parts of a logger that its nearness to another is told by. */
export function loggerHashes(logger: string): { whole: number; last: number; project: number } {
  const dot = logger.indexOf('.');
  return {
    whole: hashText(logger) >>> 0,
    last: hashText(logger, logger.lastIndexOf('.') + 1) >>> 0,
    project: hashText(logger, 0, dot < 0 ? logger.length : dot) >>> 0,
  };
}

/**
 * Turns statements into hashes. Statements of one logger that print alike become one; where their labels have none in common it stays silent.
 * Those without a literal word are left out.
 */
export function compileStatements(
  statements: readonly LabelledStatement[],
  labels: readonly string[],
  confidence: readonly (readonly number[])[],
): StatementSet {
  const loggers = [...new Set(statements.map(({ logger }) => logger))].sort();
  const loggerRows = new Map(loggers.map((logger, row) => [logger, row]));
  const words = new Words();
  const rows = new Map<string, Row>();
  for (const statement of statements) {
    const row = compile(statement, loggerRows.get(statement.logger) ?? 0, words);
    if (row === null) continue;
    const twin = rows.get(row.id);
    if (twin === undefined) rows.set(row.id, row);
    else twin.labels = agreed(twin.labels, row.labels);
  }
  const sorted = [...rows.values()].sort((a, b) => a.key - b.key || a.logger - b.logger || (a.id < b.id ? -1 : 1));
  const hashes = loggers.map(loggerHashes);
  const runs = sorted.flatMap((row) => row.runs);
  const labelNumber = (label: string | undefined) => (label === undefined ? NO_LABEL : labels.indexOf(label));
  return {
    labels,
    confidence,
    loggers: Uint32Array.from(hashes, ({ whole }) => whole),
    lastParts: Uint32Array.from(hashes, ({ last }) => last),
    projects: Uint32Array.from(hashes, ({ project }) => project),
    key: Uint32Array.from(sorted, ({ key }) => key),
    logger: Uint16Array.from(sorted, ({ logger }) => logger),
    label: Uint8Array.from(sorted, (row) => (row.labels.length === 0 ? SILENT : labelNumber(row.labels[0]))),
    second: Uint8Array.from(sorted, (row) => labelNumber(row.labels[1])),
    flags: Uint8Array.from(sorted, ({ flags }) => flags),
    runs: Uint8Array.from(sorted, (row) => row.runs.length),
    runHash: Uint32Array.from(runs, ({ hash }) => hash >>> 0),
    runLength: Uint8Array.from(runs, ({ length }) => length),
  };
}

function compile(statement: LabelledStatement, logger: number, words: Words): Row | null {
  const { runs, openStart, openEnd } = patternOf(statement.template);
  const first = runs[0];
  if (first === undefined || runs.length > 255 || runs.some((run) => run.length > 255)) return null;
  const hashed = runs.map((run) => ({ hash: words.read(run.join(' ')).run(0, run.length), length: run.length }));
  const flags = (openStart ? OPEN_START : 0) | (openEnd ? OPEN_END : 0);
  const keyLength = Math.min(first.length, KEY_WORDS);
  const longest = runs.flat().reduce((best, word) => (word.length > best.length ? word : best), '');
  const key = openStart ? keyOfWord(words.read(longest).word(0)) : keyOfStart(words.read(first.join(' ')).run(0, keyLength), keyLength);
  const { label, second } = statement;
  return {
    logger,
    key,
    flags,
    runs: hashed,
    id: `${logger} ${flags} ${hashed.map(({ hash, length }) => `${hash}x${length}`).join(' ')}`,
    labels: label === null ? [] : second === null ? [label] : [label, second],
  };
}

/** Labels that both allow, in the order of the first; a label that comes first in both needs no other. */
export function agreed(a: readonly string[], b: readonly string[]): readonly string[] {
  if (a[0] === b[0]) return a.filter((label, i) => i === 0 || b.includes(label));
  return a.filter((label) => b.includes(label));
}

import { mix } from './words.js';

/** How near a record's logger is to that of a statement. */
export const NEARNESS = { lastPart: 0, project: 1, same: 2 } as const;
export type Nearness = (typeof NEARNESS)[keyof typeof NEARNESS];

/** A statement that must not answer: what a placeholder holds decides the label, or sources disagree. It still hides vaguer ones. */
export const SILENT = 255;
export const NO_LABEL = 255;

export const OPEN_START = 1;
export const OPEN_END = 2;

/** Statements as hashes, column by column; a row is a statement, rows are sorted by key. No text of any statement is in it. */
export interface StatementSet {
  /** Names that label numbers stand for. */
  readonly labels: readonly string[];
  /**
   * Measured precision, by row: {@link certaintyRow}; by column: literal words, from 1 on, the last column for all that have more.
   * 0 where a match does not answer.
   */
  readonly confidence: readonly (readonly number[])[];
  /** Distinct loggers: hash of the whole name, of its last part, of its first. */
  readonly loggers: Uint32Array;
  readonly lastParts: Uint32Array;
  readonly projects: Uint32Array;
  /** Hash of the words by which it is found: {@link keyOfStart} or {@link keyOfWord}. */
  readonly key: Uint32Array;
  /** Row of its logger. */
  readonly logger: Uint16Array;
  readonly label: Uint8Array;
  /** A second defensible label, or {@link NO_LABEL}. */
  readonly second: Uint8Array;
  readonly flags: Uint8Array;
  readonly runs: Uint8Array;
  /** Of all runs of all statements, in order. */
  readonly runHash: Uint32Array;
  readonly runLength: Uint8Array;
}

/** No more words of a statement's first run are hashed to find it. */
export const KEY_WORDS = 8;

/** Key of a statement that begins with literal words: of its first run, or of as much of it as counts. */
export function keyOfStart(run: number, length: number): number {
  return mix(run ^ Math.imul(length, 0x27d4eb2f)) >>> 0;
}

/** Key of a statement that begins with a placeholder: of its longest word. */
export function keyOfWord(word: number): number {
  return mix(word ^ 0x5bd1e995) >>> 0;
}

/** Row of the table of confidences: by nearness, and whether the statement is literal words only. */
export function certaintyRow(nearness: Nearness, whole: boolean): number {
  return nearness * 2 + (whole ? 1 : 0);
}

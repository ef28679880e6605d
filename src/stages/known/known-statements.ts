import type { LogRecord } from '../../record/record.js';
import { readStatements } from './file.js';
import {
  certaintyRow,
  KEY_WORDS,
  keyOfStart,
  keyOfWord,
  NEARNESS,
  type Nearness,
  NO_LABEL,
  OPEN_END,
  OPEN_START,
  SILENT,
  type StatementSet,
} from './statement-set.js';
import { hashText, Words } from './words.js';

/** No logger is longer; what is, is not one. */
const MAX_LOGGER_LENGTH = 255;
/** Places at which runs of words may be looked for in one record: far more than any real one needs, and an end for a hostile one. */
const MAX_PLACES = 50_000;
/** Labels for which the words name no cause: where the record also reports an exception, that decides. */
const LEFT_TO_THE_EXCEPTION = new Set(['service.internal_error', 'api.server_error']);

export interface KnownAnswer {
  readonly label: string;
  /** Measured precision of matches of this kind, 0 to 1. */
  readonly confidence: number;
  /** Names the statement: the hash of its logger and words. */
  readonly id: string;
}

/** The statements that fit a record best, all of the same rank. */
export interface Fit {
  readonly nearness: Nearness;
  /** Words of the statement that the record repeats. */
  readonly literalWords: number;
  /** The statement has no placeholder. */
  readonly whole: boolean;
  /** What all of them allow, most fitting first; empty where they do not agree or must not answer. */
  readonly labels: readonly string[];
  readonly id: string;
}

/**
 * Recognises records as instances of labelled log statements, by the words around the placeholders and the last part of the logger: services move
 * their modules from release to release, and forks keep the names of files.
 *
 * Time is linear in the message for each candidate, and bounded for all of them: between two runs of words anything may stand, so that the leftmost
 * place of each run is as good as any other, and nothing is tried twice.
 */
export class KnownStatements {
  readonly #set: StatementSet;
  readonly #words = new Words();
  readonly #lastParts: ReadonlySet<number>;
  /** Rows by key, in an open-addressed table: first row + 1, or 0 for an empty place. */
  readonly #table: Int32Array;
  readonly #mask: number;
  readonly #firstRun: Uint32Array;

  // What is being matched, and the best so far; fields, because a match makes no object until it has an answer.
  #last = 0;
  #whole = 0;
  #project = 0;
  #places = 0;
  #rank = 0;
  #row = -1;
  #label = NO_LABEL;
  #second = NO_LABEL;

  constructor(set: StatementSet) {
    this.#set = set;
    this.#lastParts = new Set(set.lastParts);
    const rows = set.key.length;
    const size = 2 ** Math.ceil(Math.log2(rows * 2 + 2));
    this.#mask = size - 1;
    this.#table = new Int32Array(size);
    this.#firstRun = new Uint32Array(rows + 1);
    for (let row = 0; row < rows; row++) {
      this.#firstRun[row + 1] = (this.#firstRun[row] ?? 0) + (set.runs[row] ?? 0);
      const key = set.key[row] ?? 0;
      if (row > 0 && set.key[row - 1] === key) continue;
      let slot = key & this.#mask;
      while (this.#table[slot] !== 0) slot = (slot + 1) & this.#mask;
      this.#table[slot] = row + 1;
    }
  }

  /** @throws TrilogError `KNOWN_STATEMENTS_INVALID` for a file that is not there, not whole, or of another version. */
  static load(file: string): KnownStatements {
    return new KnownStatements(readStatements(file));
  }

  /** Statements that are known. */
  get size(): number {
    return this.#set.key.length;
  }

  /** The label of the statement that the record is an instance of; null where there is none or it is not certain. */
  match(record: LogRecord): KnownAnswer | null {
    const fit = this.find(record);
    if (fit === null) return null;
    const label = fit.labels[0];
    if (label === undefined || (record.error !== null && LEFT_TO_THE_EXCEPTION.has(label))) return null;
    const row = this.#set.confidence[certaintyRow(fit.nearness, fit.whole)] ?? [];
    const confidence = row[Math.min(fit.literalWords, row.length) - 1] ?? 0;
    return confidence === 0 ? null : { label, confidence, id: fit.id };
  }

  /** The best fit, however uncertain; null where no statement fits. */
  find(record: LogRecord): Fit | null {
    const { logger, message } = record;
    if (logger === '' || logger.length > MAX_LOGGER_LENGTH) return null;
    this.#last = hashText(logger, logger.lastIndexOf('.') + 1) >>> 0;
    if (!this.#lastParts.has(this.#last)) return null;
    const dot = logger.indexOf('.');
    this.#whole = hashText(logger) >>> 0;
    this.#project = hashText(logger, 0, dot < 0 ? logger.length : dot) >>> 0;
    this.#rank = 0;
    this.#row = -1;
    this.#places = 0;
    this.#search(this.#words.read(message));
    // oslo.log appends the exception that was active to what the statement says.
    const summary = record.error === null || record.error.type === '' ? -1 : message.indexOf(`: ${record.error.type}`);
    if (summary > 0) this.#search(this.#words.read(message, 0, summary));
    return this.#row < 0 ? null : this.#fit(this.#row);
  }

  #fit(row: number): Fit {
    const { labels } = this.#set;
    const allowed = [this.#label, this.#second].map((number) => labels[number]).filter((label) => label !== undefined);
    return {
      nearness: Math.floor(this.#rank / 65_536) as Nearness,
      literalWords: this.#rank % 65_536,
      whole: this.#isWhole(row),
      labels: allowed,
      id: `known.${this.#hashOf(row)}`,
    };
  }

  #search(words: Words): void {
    // Statements that begin with words: filed under those.
    const longest = Math.min(words.count, KEY_WORDS);
    for (let length = 1; length <= longest; length++) this.#tryAll(keyOfStart(words.run(0, length), length), words);
    // Statements that begin with a placeholder: filed under their longest word, wherever it stands.
    for (let at = 0; at < words.count; at++) this.#tryAll(keyOfWord(words.word(at)), words);
  }

  #tryAll(key: number, words: Words): void {
    const keys = this.#set.key;
    for (let slot = key & this.#mask; ; slot = (slot + 1) & this.#mask) {
      const first = (this.#table[slot] ?? 0) - 1;
      if (first < 0) return;
      if (keys[first] !== key) continue;
      for (let row = first; row < keys.length && keys[row] === key; row++) this.#try(row, words);
      return;
    }
  }

  #try(row: number, words: Words): void {
    const { logger, loggers, lastParts, projects } = this.#set;
    const at = logger[row] ?? 0;
    if (lastParts[at] !== this.#last || row === this.#row) return;
    const nearness = loggers[at] === this.#whole ? NEARNESS.same : projects[at] === this.#project ? NEARNESS.project : NEARNESS.lastPart;
    if (nearness * 65_536 + 65_535 < this.#rank) return;
    const literal = this.#literalWords(row, words);
    if (literal === 0) return;
    this.#accept(row, nearness * 65_536 + literal);
  }

  #accept(row: number, rank: number): void {
    if (rank < this.#rank) return;
    const label = this.#set.label[row] ?? SILENT;
    const second = this.#set.second[row] ?? NO_LABEL;
    if (rank > this.#rank) {
      this.#rank = rank;
      this.#row = row;
      this.#label = label;
      this.#second = second;
      return;
    }
    // As good as another: only what both allow is certain.
    const [mine, other] = [this.#label, this.#second];
    if (mine === label) {
      if (other !== second) this.#second = NO_LABEL;
    } else {
      this.#label = mine === second ? mine : other === label || other === second ? other : SILENT;
      this.#second = NO_LABEL;
    }
  }

  /** How many literal words the statement has, if the record is an instance of it; else 0. */
  #literalWords(row: number, words: Words): number {
    const { flags, runHash, runLength } = this.#set;
    const flag = flags[row] ?? 0;
    const last = (this.#firstRun[row + 1] ?? 0) - 1;
    let literal = 0;
    let at = 0;
    let anchored = (flag & OPEN_START) === 0;
    for (let run = this.#firstRun[row] ?? 0; run <= last; run++) {
      const length = runLength[run] ?? 0;
      const hash = (runHash[run] ?? 0) | 0;
      const toEnd = run === last && (flag & OPEN_END) === 0;
      if (toEnd && (words.cut || (anchored && at + length !== words.count))) return 0;
      const found = toEnd ? this.#at(words, words.count - length, hash, length, at) : this.#next(words, at, hash, length, anchored);
      if (found < 0) return 0;
      at = found + length;
      literal += length;
      anchored = false;
    }
    return literal;
  }

  /** The place itself, if the run stands there and that is not before `least`; else -1. */
  #at(words: Words, place: number, hash: number, length: number, least: number): number {
    return place >= least && words.run(place, length) === hash ? place : -1;
  }

  /** The leftmost place of a run from `from` on, or only `from` itself; -1 where it does not stand. */
  #next(words: Words, from: number, hash: number, length: number, only: boolean): number {
    const end = only ? Math.min(from, words.count - length) : words.count - length;
    for (let at = from; at <= end; at++) {
      if (words.run(at, length) === hash) return at;
      if (++this.#places > MAX_PLACES) return -1;
    }
    return -1;
  }

  #isWhole(row: number): boolean {
    return this.#set.flags[row] === 0 && this.#set.runs[row] === 1;
  }

  #hashOf(row: number): string {
    let hash = this.#set.loggers[this.#set.logger[row] ?? 0] ?? 0;
    for (let run = this.#firstRun[row] ?? 0; run < (this.#firstRun[row + 1] ?? 0); run++)
      hash = Math.imul(hash ^ (this.#set.runHash[run] ?? 0), 0x01000193);
    return (hash >>> 0).toString(16).padStart(8, '0');
  }
}

import { detached } from '../../record/detached.js';
import type { Format, Level, LogRecord } from '../../record/record.js';
import { type CompiledRule, normalLogger } from './compiled-rule.js';
import { PrefixTrie } from './prefix-trie.js';
import { WordIndex } from './word-index.js';

/** Up to this many rules it is cheaper to ask each than to look at every word of the message. */
const ASK_EACH = 64;
/** Loggers and programs come from log text, so their number is not ours to trust: past this many the memory of where they lead starts anew. */
const MAX_ORIGINS = 4096;
/** No logger or program is longer; what is, is cut, so that a hostile one costs no more than others. */
const MAX_NAME_LENGTH = 255;

/** The rules that concern some origins, arranged by what a record must hold. */
class RuleSet {
  readonly #byStart = new PrefixTrie<CompiledRule>();
  readonly #byWord = new WordIndex<CompiledRule>();
  readonly #withHttp: CompiledRule[] = [];
  readonly #withError: CompiledRule[] = [];
  readonly #others: CompiledRule[] = [];
  /** The first rule that only the words of the message lead to; Infinity where there is none. */
  readonly #firstByWord: number;
  #record!: LogRecord;
  #best: CompiledRule | null = null;

  constructor(rules: readonly CompiledRule[]) {
    const floating = rules.filter((rule) => rule.starts.length === 0 && rule.needs === null);
    const indexed = floating.length > ASK_EACH;
    let firstByWord = Number.POSITIVE_INFINITY;
    for (const rule of rules) {
      if (rule.starts.length > 0) for (const start of rule.starts) this.#byStart.insert(start, rule);
      else if (rule.needs === 'http') this.#withHttp.push(rule);
      else if (rule.needs === 'error') this.#withError.push(rule);
      else if (indexed && this.#byWord.insert(rule.literals, rule)) firstByWord = Math.min(firstByWord, rule.index);
      else this.#others.push(rule);
    }
    this.#firstByWord = firstByWord;
  }

  /** The first rule, in the pack's order, that accepts the record. */
  first(record: LogRecord): CompiledRule | null {
    this.#record = record;
    this.#best = null;
    this.#visit(record, this.#offer);
    return this.#best;
  }

  /** Every rule that the indexes lead to, in the pack's order: those that {@link first} may have to ask. */
  candidates(record: LogRecord): CompiledRule[] {
    const found = new Set<CompiledRule>();
    this.#best = null;
    this.#visit(record, (rules) => {
      for (const rule of rules) found.add(rule);
    });
    return [...found].sort((a, b) => a.index - b.index);
  }

  /** `visit` gets rules, and the length of what they start with and the record does too. */
  #visit(record: LogRecord, visit: (rules: readonly CompiledRule[], start: number) => void): void {
    this.#byStart.visit(record.message, visit);
    if (record.http !== null) visit(this.#withHttp, 0);
    if (record.error !== null) visit(this.#withError, 0);
    visit(this.#others, 0);
    // Reading every word is the dearest look-up: it is left out where the winner so far comes first anyway.
    if (this.#firstByWord < (this.#best?.index ?? Number.POSITIVE_INFINITY)) this.#byWord.visit(record.message, visit);
  }

  readonly #offer = (rules: readonly CompiledRule[], start: number): void => {
    let best = this.#best?.index ?? Number.POSITIVE_INFINITY;
    for (const rule of rules) {
      if (rule.index >= best) return;
      if (rule.accepts(this.#record, start)) {
        this.#best = rule;
        best = rule.index;
      }
    }
  };
}

/**
 * Finds the first rule that accepts a record. The cost depends on the message and on how many rules share its origin and its first words,
 * not on the size of the pack.
 */
export class RuleEngine {
  /** Sets by the rules in them, so that origins which the same rules concern share one. */
  readonly #sets = new Map<string, RuleSet>();
  /** By format, level, program and logger: four look-ups are cheaper than one by a text made of all. */
  #setOf = new Map<Format, Map<Level, Map<string, Map<string, RuleSet>>>>();
  #origins = 0;

  constructor(readonly rules: readonly CompiledRule[]) {}

  /** The winner, or null. */
  match(record: LogRecord): CompiledRule | null {
    return this.#setFor(record).first(record);
  }

  /** For a person who asks why: the rules that come into question for the record, in order, and the winner. */
  explain(record: LogRecord): { tried: readonly CompiledRule[]; winner: CompiledRule | null } {
    const candidates = this.#setFor(record).candidates(record);
    const winner = this.match(record);
    return { tried: winner === null ? candidates : candidates.filter((rule) => rule.index <= winner.index), winner };
  }

  #setFor(record: LogRecord): RuleSet {
    return this.#setOf.get(record.format)?.get(record.level)?.get(record.program)?.get(record.logger) ?? this.#select(record);
  }

  #select({ format, level, program, logger }: LogRecord): RuleSet {
    const origin = { format, level, program: program.slice(0, MAX_NAME_LENGTH), logger: normalLogger(logger.slice(0, MAX_NAME_LENGTH)) };
    const rules = this.rules.filter((rule) => rule.concerns(origin));
    const key = rules.map(({ index }) => index).join();
    let set = this.#sets.get(key);
    if (set === undefined) {
      set = new RuleSet(rules);
      this.#sets.set(key, set);
    }
    if (program.length > MAX_NAME_LENGTH || logger.length > MAX_NAME_LENGTH) return set;
    if (this.#origins++ >= MAX_ORIGINS) {
      this.#origins = 0;
      this.#setOf = new Map();
    }
    const byLevel = entry(this.#setOf, format, () => new Map<Level, Map<string, Map<string, RuleSet>>>());
    const byProgram = entry(byLevel, level, () => new Map<string, Map<string, RuleSet>>());
    entry(byProgram, detached(program), () => new Map<string, RuleSet>()).set(detached(logger), set);
    return set;
  }
}

function entry<Key, Value>(map: Map<Key, Value>, key: Key, make: () => Value): Value {
  let value = map.get(key);
  if (value === undefined) {
    value = make();
    map.set(key, value);
  }
  return value;
}

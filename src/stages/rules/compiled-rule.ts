import type { Format, Level, LogRecord } from '../../record/record.js';
import { type Condition, compileCondition } from './condition.js';
import type { LinearPattern, PatternCompiler } from './pattern.js';
import type { Rule } from './schema.js';

/** What is known of a record before its text is looked at. */
export interface Origin {
  /** As {@link normalLogger} gives it. */
  readonly logger: string;
  readonly level: Level;
  readonly format: Format;
  readonly program: string;
}

/** `oslo_messaging.x` for `oslo.messaging.x`: oslo.log renames the loggers of its own family, other releases do not. */
export function normalLogger(logger: string): string {
  return logger.startsWith('oslo.') ? `oslo_${logger.slice(5)}` : logger;
}

/** A rule ready to be asked: cheap conditions first, the regular expression last. */
export class CompiledRule {
  readonly id: string;
  readonly label: string;
  /** Literals of which the message starts with one; none where the rule asks for none. */
  readonly starts: readonly string[];
  /** Literals of which each must occur in the message; the engine indexes the rule by their words. */
  readonly literals: readonly string[];
  /** Nothing but a record with this part can be accepted; null where the rule does not look at either. */
  readonly needs: 'http' | 'error' | null;
  readonly #loggers: ((logger: string) => boolean) | null;
  readonly #levels: ReadonlySet<Level> | null;
  readonly #formats: ReadonlySet<Format> | null;
  readonly #program: ((program: string) => boolean) | null;
  readonly #contains: readonly string[];
  readonly #hint: string;
  readonly #error: ((type: string) => boolean) | null;
  readonly #where: Condition | null;
  readonly #pattern: LinearPattern | null;
  readonly #captures: readonly string[];

  /** @throws SyntaxError when the regular expression is not RE2's. */
  constructor(
    rule: Rule,
    /** Place in the pack: the lower wins. */
    readonly index: number,
    compile: PatternCompiler,
  ) {
    this.id = rule.id;
    this.label = rule.label;
    this.starts = rule.starts ?? [];
    this.needs = needs(rule);
    this.#loggers = rule.logger === undefined ? null : anyLogger(rule.logger);
    this.#levels = rule.level === undefined ? null : new Set(rule.level);
    this.#formats = rule.format === undefined ? null : new Set(rule.format);
    this.#contains = rule.contains ?? [];
    this.#hint = rule.hint ?? '';
    this.literals = rule.hint === undefined ? this.#contains : [...this.#contains, rule.hint];
    this.#program = rule.program === undefined ? null : anyGlob(rule.program);
    this.#error = rule.error === undefined ? null : anyGlob(rule.error);
    this.#where = rule.where === undefined ? null : compileCondition(rule.where);
    this.#pattern = rule.match === undefined ? null : compile(rule.match);
    this.#captures = rule.captures ?? [];
  }

  /** Whether the rule is meant for records like this one, as far as that does not depend on what they say. */
  concerns({ logger, level, format, program }: Origin): boolean {
    return (
      (this.#loggers === null || this.#loggers(logger)) &&
      (this.#levels === null || this.#levels.has(level)) &&
      (this.#formats === null || this.#formats.has(format)) &&
      (this.#program === null || this.#program(program))
    );
  }

  /**
   * Whether all other conditions hold, for a record that the rule {@link concerns} and whose message starts with one of its {@link starts},
   * `start` characters long; what it must contain stands behind them.
   */
  accepts(record: LogRecord, start: number): boolean {
    const message = record.message;
    let from = start;
    for (const literal of this.#contains) {
      const at = message.indexOf(literal, from);
      if (at < 0) return false;
      from = at + literal.length;
    }
    if (this.#where !== null && !this.#where(record)) return false;
    if (this.#error !== null && !(record.error !== null && this.#error(record.error.type))) return false;
    if (this.#pattern === null) return true;
    return (this.#hint === '' || message.includes(this.#hint)) && this.#pattern.test(message);
  }

  /** The named groups that the rule keeps, for a record that it accepts; null where it keeps none. */
  captures(message: string): Record<string, string> | null {
    if (this.#captures.length === 0 || this.#pattern === null) return null;
    const groups = this.#pattern.groups(message);
    if (groups === null) return null;
    return Object.fromEntries(Object.entries(groups).filter(([name]) => this.#captures.includes(name)));
  }
}

function anyLogger(loggers: readonly string[]): (logger: string) => boolean {
  const exact = new Set<string>();
  const prefixes: string[] = [];
  for (const logger of loggers.map(normalLogger)) {
    exact.add(logger.endsWith('.*') ? logger.slice(0, -2) : logger);
    if (logger.endsWith('.*')) prefixes.push(logger.slice(0, -1));
  }
  return (logger) => exact.has(logger) || prefixes.some((prefix) => logger.startsWith(prefix));
}

function needs(rule: Rule): CompiledRule['needs'] {
  const fields = Object.keys(rule.where ?? {});
  if (fields.some((field) => field.startsWith('http.'))) return 'http';
  return rule.error !== undefined || fields.some((field) => field.startsWith('error.')) ? 'error' : null;
}

/** Tests names against globs that have `*` at their ends only. */
function anyGlob(globs: readonly string[]): (name: string) => boolean {
  const exact = new Set(globs.filter((glob) => !glob.includes('*')));
  const open = globs
    .filter((glob) => glob.includes('*'))
    .map((glob) => ({ text: glob.replaceAll('*', ''), left: glob.startsWith('*'), right: glob.endsWith('*') }));
  return (name) =>
    exact.has(name) ||
    open.some(({ text, left, right }) => (left && right ? name.includes(text) : left ? name.endsWith(text) : name.startsWith(text)));
}

import type { Level } from '../../record/record.js';

/** What a remembered template takes beside its text, about. */
const ENTRY_BYTES = 400;

type ByTemplate<Value> = Map<string, Value>;

/** Templates by level and logger: three short look-ups are cheaper than one by a text made of all. */
class Generation<Value> {
  readonly #levels = new Map<Level, Map<string, ByTemplate<Value>>>();
  entries = 0;
  bytes = 0;

  get(level: Level, logger: string, template: string): Value | undefined {
    return this.#levels.get(level)?.get(logger)?.get(template);
  }

  set(level: Level, logger: string, template: string, value: Value): void {
    const loggers = this.#levels.get(level) ?? new Map<string, ByTemplate<Value>>();
    const templates = loggers.get(logger) ?? new Map<string, Value>();
    this.#levels.set(level, loggers);
    loggers.set(logger, templates);
    if (templates.size !== templates.set(template, value).size) {
      this.entries++;
      this.bytes += ENTRY_BYTES + 2 * (template.length + logger.length);
    }
  }
}

/**
 * The templates that were used last, bounded in number and bytes. Two generations: when the younger is full it becomes the older, and what nobody
 * asked for since is forgotten. That costs a hit nothing, where a list in order of use would be rewritten by every record.
 */
export class RecentTemplates<Value> {
  #young = new Generation<Value>();
  #old = new Generation<Value>();

  constructor(
    readonly maxEntries: number,
    readonly maxBytes: number,
  ) {}

  get(level: Level, logger: string, template: string): Value | undefined {
    const value = this.#young.get(level, logger, template);
    if (value !== undefined) return value;
    const old = this.#old.get(level, logger, template);
    if (old !== undefined) this.set(level, logger, template, old);
    return old;
  }

  /** The strings are kept: they must not be pieces of a larger one. */
  set(level: Level, logger: string, template: string, value: Value): void {
    if (this.#young.entries * 2 >= this.maxEntries || this.#young.bytes * 2 >= this.maxBytes) {
      this.#old = this.#young;
      this.#young = new Generation();
    }
    this.#young.set(level, logger, template, value);
  }

  clear(): void {
    this.#young = new Generation();
    this.#old = new Generation();
  }
}

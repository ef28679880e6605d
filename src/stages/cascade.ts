import { type LogRecord, UNCLASSIFIED } from '../record/record.js';
import type { RuleEngine } from './rules/engine.js';
import type { Taxonomy } from './taxonomy.js';

/** The stages in their order, each asked only what the cheaper one before it could not answer. */
export class Cascade {
  readonly #rules: RuleEngine;
  readonly #taxonomy: Taxonomy;

  constructor(taxonomy: Taxonomy, rules: RuleEngine) {
    this.#taxonomy = taxonomy;
    this.#rules = rules;
  }

  /** Gives each record the label of the first stage that knows one; the others keep `unclassified`. */
  classify(records: readonly LogRecord[]): void {
    for (const record of records) this.#askRules(record);
  }

  #askRules(record: LogRecord): void {
    const rule = this.#rules.match(record);
    if (rule === null) {
      // The record may bring a label from an earlier run.
      record.label = UNCLASSIFIED;
      record.stage = 'none';
      record.rule = '';
      record.confidence = 0;
      record.event = null;
      return;
    }
    record.label = rule.label;
    record.stage = 'rule';
    record.rule = rule.id;
    record.confidence = 1;
    record.event = this.#taxonomy.labels.get(rule.label)?.events.get(record.level) ?? null;
    const captures = rule.captures(record.message);
    if (captures !== null) record.fields = { ...record.fields, ...captures };
  }
}

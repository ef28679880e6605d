import { type LogRecord, UNCLASSIFIED } from '../record/record.js';
import type { RuleEngine } from './rules/engine.js';
import type { Taxonomy } from './taxonomy.js';
import type { TemplateStages, Waiting } from './template-stages.js';

/** The second stage: recognises records as instances of labelled statements. */
export interface KnownStage {
  match(record: LogRecord): { readonly label: string; readonly confidence: number; readonly id: string } | null;
}

export interface Stages {
  readonly rules: RuleEngine;
  readonly known: KnownStage | null;
  /** The memory and the model behind it. */
  readonly templates: TemplateStages | null;
}

/** The stages in their order, each asked only what the cheaper one before it could not answer. */
export class Cascade {
  constructor(
    readonly taxonomy: Taxonomy,
    readonly stages: Stages,
  ) {}

  /**
   * Gives each record the label of the first stage that knows one; the others keep `unclassified`. Done when it returns, unless it returns a
   * promise: then the model is being asked about templates that it never saw, and the promise is fulfilled when all records have what they get.
   */
  classify(records: readonly LogRecord[]): Promise<void> | undefined {
    const { templates } = this.stages;
    const waiting: Waiting[] = [];
    for (const record of records) {
      if (this.#askRules(record) || this.#askKnown(record)) continue;
      if (templates === null) {
        forgetLabel(record);
        continue;
      }
      const open = templates.classify(record);
      if (open !== null) waiting.push(open);
    }
    return waiting.length === 0 ? undefined : templates?.settle(waiting);
  }

  /** Lets go of threads and files. */
  async close(): Promise<void> {
    await this.stages.templates?.close();
  }

  #askRules(record: LogRecord): boolean {
    const rule = this.stages.rules.match(record);
    if (rule === null) return false;
    forgetTemplate(record);
    record.label = rule.label;
    record.stage = 'rule';
    record.rule = rule.id;
    record.confidence = 1;
    record.event = this.taxonomy.labels.get(rule.label)?.events.get(record.level) ?? null;
    const captures = rule.captures(record.message);
    if (captures !== null) record.fields = { ...record.fields, ...captures };
    return true;
  }

  #askKnown(record: LogRecord): boolean {
    const answer = this.stages.known?.match(record) ?? null;
    if (answer === null) return false;
    forgetTemplate(record);
    record.label = answer.label;
    record.stage = 'known';
    record.rule = answer.id;
    record.confidence = answer.confidence;
    record.event = this.taxonomy.labels.get(answer.label)?.events.get(record.level) ?? null;
    return true;
  }
}

/** The record may bring a label from an earlier run. */
function forgetLabel(record: LogRecord): void {
  forgetTemplate(record);
  record.label = UNCLASSIFIED;
  record.stage = 'none';
  record.rule = '';
  record.confidence = 0;
  record.event = null;
}

/** As above; only records that were read from a result have one. */
function forgetTemplate(record: LogRecord): void {
  if (record.templateId === '' && record.guess === null) return;
  record.template = '';
  record.templateId = '';
  record.guess = null;
  record.novel = false;
}

import { join } from 'node:path';
import { TrilogError } from '../errors.js';
import { MODELS_DIR } from '../paths.js';
import type { ComponentLog } from '../plugin/contract.js';
import type { SharedTable } from '../plugin/shared-table.js';
import { type ModelFolder, readModelFolder } from './bert/model-folder.js';
import { type BertOptions, BertStage } from './bert/stage.js';
import { Cascade, type KnownStage } from './cascade.js';
import { KnownStatements } from './known/known-statements.js';
import { LlmPlan } from './llm/build.js';
import type { LlmConfig } from './llm/config.js';
import { COMMAND_MANNER, type Manner } from './llm/manner.js';
import type { StateFile } from './llm/state.js';
import { SharedAnswers } from './memory/shared-answers.js';
import { type MemoryLimits, MemoryStore } from './memory/store.js';
import { TemplateMemory } from './memory/template-memory.js';
import { RuleEngine } from './rules/engine.js';
import { type LoadedRule, loadRules } from './rules/load.js';
import { loadTaxonomy, type Taxonomy } from './taxonomy.js';
import { type TemplateEvents, TemplateStages } from './template-stages.js';

export interface BertConfig extends BertOptions {
  /** The model's folder. */
  readonly path: string;
  /** The user asked for it: what is wrong with it ends the start. Otherwise the cascade goes on without it. */
  readonly required: boolean;
}

/** What a cascade is made of. */
export interface CascadeConfig {
  /** File of labels; null for the ones that come with trilog. */
  readonly taxonomyFile: string | null;
  /** Rule files, the first wins. */
  readonly ruleFiles: readonly string[];
  /** Whether known statements are looked up. */
  readonly known: boolean;
  readonly bert: BertConfig | null;
  readonly llm: LlmConfig | null;
  readonly memory: MemoryLimits;
}

/** Where a cascade lives. */
export interface CascadeHome {
  /** Null for a memory that ends with the process. */
  readonly memoryFolder: string | null;
  /** Where the language model's answers are shared with other agents; null: they are not. */
  readonly table: SharedTable | null;
  /** What is remembered of the language model's endpoint; null as above. */
  readonly llmState: StateFile | null;
  /** How the language model is waited for. */
  readonly manner: Manner;
  readonly events: TemplateEvents;
}

/** A home for the length of a command: nothing is kept, and every answer is waited for. */
export const COMMAND_HOME: CascadeHome = {
  memoryFolder: null,
  table: null,
  llmState: null,
  manner: COMMAND_MANNER,
  events: { count: () => {}, late: () => {} },
};

/** What comes with trilog says the labels of its own taxonomy only. */
function knownStage({ known, taxonomyFile }: CascadeConfig): KnownStage | null {
  return known && taxonomyFile === null ? KnownStatements.load(join(MODELS_DIR, 'known', 'openstack.bin')) : null;
}

/** @throws TrilogError `CONFIG_INVALID` where the configuration says how sure the model must be of a label that it never gives. */
function requireLabels(bert: BertConfig | null, model: ModelFolder | null): void {
  if (bert === null || model === null) return;
  const unknown = Object.keys(bert.minConfidenceByLabel).filter((label) => !model.labels.includes(label));
  const problems = unknown.map((label) => `classify.bert.min_confidence_by_label: "${label}" is not a label of the model ${model.id}`);
  if (problems.length > 0) throw new TrilogError('CONFIG_INVALID', problems.join('\n'));
}

/** A cascade whose rules, labels and model have been read and checked; threads and files are not open yet. */
export class CascadePlan {
  readonly taxonomy: Taxonomy;
  readonly rules: readonly LoadedRule[];
  readonly engine: RuleEngine;
  readonly model: ModelFolder | null;
  readonly llm: LlmPlan | null;

  /** @throws TrilogError for rules, labels, models and prompts that are wrong, or that do not fit the configuration. */
  constructor(
    readonly config: CascadeConfig,
    readonly log: ComponentLog,
    readonly known: KnownStage | null = knownStage(config),
  ) {
    this.taxonomy = config.taxonomyFile === null ? loadTaxonomy() : loadTaxonomy(config.taxonomyFile);
    this.rules = loadRules(config.ruleFiles, this.taxonomy);
    this.engine = new RuleEngine(this.rules.map((rule) => rule.compiled));
    this.model = this.#orWithout(() => (config.bert === null ? null : readModelFolder(config.bert.path, this.taxonomy)));
    requireLabels(config.bert, this.model);
    this.llm = config.llm === null ? null : new LlmPlan(config.llm, this.taxonomy, this.rules);
  }

  /**
   * Opens the models and the memory.
   * @throws TrilogError `MODEL_INVALID` or `RUNTIME_MISSING` where the model was asked for and cannot be used, `MEMORY_INVALID`.
   */
  async build(home: CascadeHome = COMMAND_HOME): Promise<Cascade> {
    return new Cascade(this.taxonomy, { rules: this.engine, known: this.known, templates: await this.#templates(home) });
  }

  async #templates({ memoryFolder, table, llmState, manner, events }: CascadeHome): Promise<TemplateStages | null> {
    const { config, log } = this;
    if (this.llm === null && (config.bert === null || this.model === null)) return null;
    // Before the model: a process that ends while the model's thread is at work is aborted.
    const store = memoryFolder === null ? null : MemoryStore.open(memoryFolder, config.memory, log);
    let bert: BertStage | null = null;
    try {
      bert = await this.#bert();
      const llm = (await this.llm?.build(bert, { manner, state: llmState, count: events.count, log })) ?? null;
      if (bert !== null || llm !== null) {
        const shared = table === null || llm === null ? null : this.#shared(table, llm.id, events);
        const templates = new TemplateStages(bert, llm, new TemplateMemory(store, log), this.taxonomy, events, shared);
        await templates.open();
        return templates;
      }
    } catch (error) {
      await bert?.close();
      await store?.close();
      throw error;
    }
    await store?.close();
    return null;
  }

  #shared(table: SharedTable, model: string, { count }: TemplateEvents): SharedAnswers {
    const labelOf = (label: string): string | null => this.taxonomy.labels.get(label)?.label ?? null;
    return new SharedAnswers(table, { model, labelOf }, this.config.memory.maxEntries, (name, by) => count(`memory.topic.${name}`, by));
  }

  async #bert(): Promise<BertStage | null> {
    const { bert } = this.config;
    if (bert === null || this.model === null) return null;
    // Only the language model's examples need what the encoder makes of a text.
    const stage = new BertStage(this.model, bert, this.log, this.llm !== null);
    try {
      await stage.open();
      return stage;
    } catch (error) {
      await stage.close();
      return this.#orWithout(() => {
        throw error;
      });
    }
  }

  /** What fails for a model that nobody asked for is said, and the cascade does without. */
  #orWithout<Result>(act: () => Result): Result | null {
    try {
      return act();
    } catch (error) {
      if (!(error instanceof TrilogError) || this.config.bert?.required !== false) throw error;
      this.log.warn('records are classified without BERT', { code: error.code, reason: error.message });
      return null;
    }
  }
}

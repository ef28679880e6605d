import { TrilogError } from '../../errors.js';
import type { ComponentLog } from '../../plugin/contract.js';
import type { BertStage } from '../bert/stage.js';
import type { LoadedRule } from '../rules/load.js';
import type { Taxonomy } from '../taxonomy.js';
import { Asking } from './asking.js';
import type { LlmConfig } from './config.js';
import { Endpoint } from './endpoint.js';
import { NearestExamples } from './examples.js';
import type { Manner } from './manner.js';
import { Prompt } from './prompt.js';
import { Redaction } from './redaction/redaction.js';
import { Vocabulary } from './redaction/vocabulary.js';
import { LlmStage, shownText } from './stage.js';
import type { StateFile } from './state.js';

/** Who runs the stage, and what it is given by him. */
export interface LlmHome {
  readonly manner: Manner;
  /** Null: what was used of the endpoint is forgotten at the end of the process. */
  readonly state: StateFile | null;
  count(name: string, by?: number): void;
  readonly log: ComponentLog;
}

/** The stage of the language model, with its files read and checked; nothing is sent yet. */
export class LlmPlan {
  readonly #prompt: Prompt;
  readonly #redaction: Redaction;

  /** @throws TrilogError `PROMPT_INVALID`, or `CONFIG_INVALID` for patterns that are none. */
  constructor(
    readonly config: LlmConfig,
    readonly taxonomy: Taxonomy,
    readonly rules: readonly LoadedRule[],
  ) {
    this.#prompt = Prompt.load(config.promptFile, taxonomy);
    this.#redaction = new Redaction(config.redact, config.unknown_words === 'mask' ? Vocabulary.load() : null);
  }

  /** @throws TrilogError `CONFIG_INVALID` where the file of authorities cannot be read. */
  async build(bert: BertStage | null, { manner, state, count, log }: LlmHome): Promise<LlmStage> {
    const { config, taxonomy } = this;
    const redaction = this.#redaction;
    const watch = { count: (name: string, by?: number) => count(`llm.${name}`, by), log };
    const asking = new Asking(config, endpointOf(config), state, watch);
    const show = (level: string, logger: string, template: string): string =>
      shownText(level, redaction.logger(logger), redaction.text(template));
    const examples = new NearestExamples(this.rules, async (text) => (await bert?.embed(text)) ?? null, show);
    const stage = new LlmStage(config, manner, { prompt: this.#prompt, asking, redaction, examples, taxonomy }, watch);
    await stage.open();
    return stage;
  }
}

function endpointOf(config: LlmConfig): Endpoint {
  try {
    return new Endpoint(config);
  } catch (cause) {
    throw new TrilogError('CONFIG_INVALID', `classify.llm.ca_file: ${cause instanceof Error ? cause.message : String(cause)}`, { cause });
  }
}

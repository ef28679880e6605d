import { existsSync } from 'node:fs';
import { join } from 'node:path';
import { TrilogError } from '../../errors.js';
import { MODELS_DIR } from '../../paths.js';
import type { ComponentLog } from '../../plugin/contract.js';
import type { BertStage } from '../bert/stage.js';
import type { LoadedRule } from '../rules/load.js';
import type { Taxonomy } from '../taxonomy.js';
import type { LlmConfig } from './config.js';
import type { Endpoint } from './endpoint.js';
import { NearestExamples } from './examples.js';
import type { Manner } from './manner.js';
import { Prompt } from './prompt.js';
import { Redaction } from './redaction/redaction.js';
import { Vocabulary } from './redaction/vocabulary.js';
import { estimatedTokens } from './request.js';
import { shownOf } from './shown.js';
import type { LlmStage } from './stage.js';
import type { StateFile } from './state.js';
import { Vectors } from './vectors.js';

/** Of the examples of the rules that come with trilog, by the encoder that comes with it. */
export const SHIPPED_VECTORS = join(MODELS_DIR, 'llm', 'examples.bin');

/** Characters that a template with its examples takes in a request, at most about. */
const SHOWN = 2000;

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
    requireRoom(config, this.#prompt);
    this.#redaction = new Redaction(config.redact, config.unknown_words === 'mask' ? Vocabulary.load() : null);
  }

  /** @throws TrilogError `CONFIG_INVALID` where the file of authorities cannot be read. */
  async build(bert: BertStage | null, { manner, state, count, log }: LlmHome): Promise<LlmStage> {
    const { config, taxonomy } = this;
    const redaction = this.#redaction;
    const watch = { count: (name: string, by?: number) => count(`llm.${name}`, by), log };
    // The client library is loaded only where there is an endpoint: it costs every start a quarter of a second.
    const [{ Asking }, { LlmStage }] = await Promise.all([import('./asking.js'), import('./stage.js')]);
    const asking = new Asking(config, await endpointOf(config), state, watch, manner.longestPauseMs);
    warnOfPlainKey(config, log);
    const encoder = { embed: async (text: string) => (await bert?.embed(text)) ?? null, known: shippedVectors(bert) };
    const examples = new NearestExamples(this.rules, encoder, (key) => shownOf(key, redaction).text);
    const stage = new LlmStage(config, manner, { prompt: this.#prompt, asking, redaction, examples, taxonomy }, watch);
    await stage.open();
    return stage;
  }
}

/** @throws TrilogError `CONFIG_INVALID` where not even one template would fit into the tokens of a day. */
function requireRoom({ model, max_tokens_per_day, templates_per_request }: LlmConfig, prompt: Prompt): void {
  const ids = Array.from({ length: templates_per_request }, (_, i) => `t${i + 1}`);
  const user = ' '.repeat(templates_per_request * SHOWN);
  const tokens = estimatedTokens({ model, system: prompt.system, user, ids, labels: [], spare: 0 });
  if (tokens <= max_tokens_per_day) return;
  const message = `classify.llm.max_tokens_per_day: one request takes up to ${tokens} tokens, more than the ${max_tokens_per_day} of a day`;
  throw new TrilogError('CONFIG_INVALID', message);
}

/** Over plain HTTP everybody on the way can read the key. */
function warnOfPlainKey({ base_url, api_key }: LlmConfig, log: ComponentLog): void {
  const { protocol, hostname } = new URL(base_url);
  const isHere = hostname === 'localhost' || hostname === '[::1]' || hostname.startsWith('127.');
  if (api_key !== undefined && protocol === 'http:' && !isHere) log.warn('the api_key goes over plain HTTP: use https', { base_url });
}

async function endpointOf(config: LlmConfig): Promise<Endpoint> {
  const { Endpoint } = await import('./endpoint.js');
  try {
    return new Endpoint(config);
  } catch (cause) {
    throw new TrilogError('CONFIG_INVALID', `classify.llm.ca_file: ${cause instanceof Error ? cause.message : String(cause)}`, { cause });
  }
}

/** What is known of the examples that come with trilog, read when the first is asked for; nothing of them for another encoder. */
function shippedVectors(bert: BertStage | null): (text: string) => Float32Array | null {
  let vectors: Vectors | null | undefined;
  return (text) => {
    if (vectors === undefined) {
      const shipped = existsSync(SHIPPED_VECTORS) ? Vectors.load(SHIPPED_VECTORS) : null;
      vectors = shipped?.model === bert?.id ? shipped : null;
    }
    return vectors?.get(text) ?? null;
  };
}

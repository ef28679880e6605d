import type { ComponentLog } from '../../plugin/contract.js';
import { InferenceWorker } from './inference-worker.js';
import type { ModelFolder } from './model-folder.js';
import type { ExecutionProvider } from './protocol.js';
import type { Guess } from './softmax.js';

export interface BertOptions {
  /** Absent: what the model itself asks for. */
  readonly minConfidence: number | null;
  readonly minConfidenceByLabel: Readonly<Record<string, number>>;
  readonly threads: number;
  /** Absent: what the model was made for; never more. */
  readonly maxTokens: number | null;
  readonly executionProviders: readonly ExecutionProvider[];
}

/** The third stage: a classifier of templates, and how sure it must be. */
export class BertStage {
  /** Names whose answers these are: the model, and how much of a text it is shown. */
  readonly id: string;
  readonly #worker: InferenceWorker;
  readonly #minConfidence: number;
  readonly #byLabel: ReadonlyMap<string, number>;

  constructor(
    readonly model: ModelFolder,
    options: BertOptions,
    log: ComponentLog,
    /** Whether {@link embed} gives what the encoder makes of a text, too. */
    pooled = false,
  ) {
    const { threads, executionProviders } = options;
    const maxTokens = Math.min(options.maxTokens ?? model.maxTokens, model.maxTokens);
    this.id = `${model.id}/${maxTokens}`;
    this.#worker = new InferenceWorker({ model, maxTokens, threads, executionProviders, pooled }, log);
    this.#minConfidence = options.minConfidence ?? model.minConfidence;
    // What the configuration says of all labels wins over what the model says of one.
    const own = options.minConfidence === null ? model.minConfidenceByLabel : {};
    this.#byLabel = new Map(Object.entries({ ...own, ...options.minConfidenceByLabel }));
  }

  open(): Promise<void> {
    return this.#worker.open();
  }

  /** The likeliest labels, the likeliest first; none where the model breaks over this text, null where it is out of order. Never throws. */
  async ask(text: string): Promise<readonly Guess[] | null> {
    return (await this.#worker.ask(text))?.guesses ?? null;
  }

  /** What the encoder makes of a text, as a point among others; null where it makes nothing, or is out of order. Never throws. */
  async embed(text: string): Promise<Float32Array | null> {
    return (await this.#worker.ask(text))?.pooled ?? null;
  }

  /** Whether the model is as sure as it must be. */
  accepts({ label, confidence }: Guess): boolean {
    return confidence >= (this.#byLabel.get(label) ?? this.#minConfidence);
  }

  close(): Promise<void> {
    return this.#worker.close();
  }
}

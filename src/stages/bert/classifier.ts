import { join } from 'node:path';
import type { InferenceSession, Tensor } from 'onnxruntime-node';
import { type ErrorCode, TrilogError } from '../../errors.js';
import { buckets } from './buckets.js';
import { TextEncoder } from './encode-text.js';
import { applyHead } from './head.js';
import type { ModelFolder } from './model-folder.js';
import { type ModelStart, NO_READING, type Reading } from './protocol.js';
import { loadRuntime, type Runtime } from './runtime.js';
import { type Guess, likeliest } from './softmax.js';

/** Rows and tokens of one inference: larger ones are no faster on a CPU, and hold more memory. */
const LIMITS = { rows: 32, tokens: 2048, stretch: 1.25 };
/** Labels that are kept of each answer. */
const TOP = 3;
/** What goes wrong is thrown; onnxruntime's own lines on standard error would stand among those of our log. */
const FATAL = 4;
const INPUTS = ['input_ids', 'attention_mask', 'token_type_ids'];
type OutputName = 'logits' | 'pooled';
const LOGITS: readonly OutputName[] = ['logits'];
const BOTH: readonly OutputName[] = ['logits', 'pooled'];
const NOTHING = new Float32Array(0);

/** One output of an inference: a row of `width` numbers for each text. */
interface Output {
  readonly data: Float32Array;
  readonly width: number;
}

/** What the graph says of one text besides the answer. */
export interface Features {
  readonly pooled: Float32Array;
  readonly logits: Float32Array;
}

/** The open model. Its calls block the thread. */
export class Classifier {
  private constructor(
    readonly model: ModelFolder,
    private readonly runtime: Runtime,
    private readonly session: InferenceSession,
    private readonly encoder: TextEncoder,
    /** What the user should know, such as that there is no CUDA. */
    readonly warning: string | null,
  ) {}

  /** Opens the model and lets it answer once. @throws for a graph that cannot be opened, or does not fit `model.json`. */
  static async open({ model, threads, maxTokens, executionProviders }: ModelStart, runtime: Runtime): Promise<Classifier> {
    const path = join(model.path, 'model.onnx');
    const open = (providers: readonly string[]): Promise<InferenceSession> =>
      runtime.InferenceSession.create(path, {
        executionProviders: providers,
        intraOpNumThreads: threads,
        interOpNumThreads: 1,
        graphOptimizationLevel: 'all',
        logSeverityLevel: FATAL,
        // One pattern would be kept for every shape that ever came.
        enableMemPattern: false,
        // Threads that wait for the next inference by spinning take the cores from the rest of the agent.
        extra: { session: { intra_op: { allow_spinning: '0' } } },
      });
    let warning: string | null = null;
    const session = await open([...new Set([...executionProviders, 'cpu'])]).catch((error: unknown) => {
      if (!executionProviders.includes('cuda')) throw error;
      warning = `CUDA cannot be used, the CPU is: ${reasonOf(error)}`;
      return open(['cpu']);
    });
    for (const name of session.inputNames)
      if (!INPUTS.includes(name)) throw new Error(`${path}: it has an input "${name}"; known are ${INPUTS.join(', ')}`);
    for (const name of INPUTS.slice(0, 2)) if (!session.inputNames.includes(name)) throw new Error(`${path}: it has no input "${name}"`);
    for (const name of model.head === null ? LOGITS : BOTH)
      if (!session.outputNames.includes(name)) throw new Error(`${path}: it has no output "${name}"`);
    const classifier = new Classifier(model, runtime, session, new TextEncoder(model.path, maxTokens), warning);
    await classifier.classify(['ready?']);
    await classifier.#requireVocabulary(path);
    return classifier;
  }

  /** A tokenizer of another model may give ids that the graph has no row for. */
  async #requireVocabulary(path: string): Promise<void> {
    const { highestId } = this.encoder;
    await this.#run([[highestId]], LOGITS).catch((cause: unknown) => {
      throw new Error(`${path}: it does not take token ${highestId}, the highest of tokenizer.json: ${reasonOf(cause)}`, { cause });
    });
  }

  /** Whether the graph says what its encoder makes of a text, so that another layer can be put on top. */
  get hasPooled(): boolean {
    return this.session.outputNames.includes('pooled');
  }

  /** The likeliest labels of each text, the likeliest first. */
  async classify(texts: readonly string[]): Promise<(readonly Guess[])[]> {
    return (await this.read(texts, false)).map(({ guesses }) => guesses);
  }

  /** The same, and where `wanted` with what the encoder makes of each text. */
  async read(texts: readonly string[], wanted: boolean): Promise<Reading[]> {
    const answers: Reading[] = texts.map(() => NO_READING);
    const { labels, temperature, head } = this.model;
    const keep = wanted && this.hasPooled;
    // The pooled output is fetched only where somebody reads it.
    await this.#infer(texts, head === null && !keep ? LOGITS : BOTH, (text, logits, pooled) => {
      const guesses = likeliest(head === null ? logits : applyHead(head, pooled, logits), labels, temperature, TOP);
      answers[text] = { guesses, pooled: keep ? pooled.slice() : null };
    });
    return answers;
  }

  /** What a layer on top reads: of each text the pooled output and behind it the graph's own logits. @throws where there is no pooled output. */
  async features(texts: readonly string[]): Promise<Features[]> {
    const features: Features[] = [];
    await this.#infer(texts, BOTH, (text, logits, pooled) => {
      features[text] = { pooled: pooled.slice(), logits: logits.slice() };
    });
    return features;
  }

  /** Runs texts of like length together, and hands the outputs of each on, as views of one inference's memory; without `pooled` that is empty. */
  async #infer(
    texts: readonly string[],
    outputs: readonly OutputName[],
    use: (text: number, logits: Float32Array, pooled: Float32Array) => void,
  ): Promise<void> {
    const encoded = texts.map((text) => this.encoder.encode(text));
    for (const rows of buckets(
      encoded.map((ids) => ids.length),
      LIMITS,
    )) {
      const { logits, pooled } = await this.#run(
        rows.map((row) => encoded[row] ?? []),
        outputs,
      );
      for (const [i, row] of rows.entries()) use(row, rowOf(logits, i), pooled === null ? NOTHING : rowOf(pooled, i));
    }
  }

  async #run(rows: readonly (readonly number[])[], outputs: readonly OutputName[]): Promise<{ logits: Output; pooled: Output | null }> {
    const width = Math.max(...rows.map((ids) => ids.length));
    const ids = new BigInt64Array(rows.length * width);
    const mask = new BigInt64Array(rows.length * width);
    for (const [row, tokens] of rows.entries()) {
      for (let i = 0; i < tokens.length; i++) ids[row * width + i] = BigInt(tokens[i] ?? 0);
      mask.fill(1n, row * width, row * width + tokens.length);
    }
    const tensor = (values: BigInt64Array): Tensor => new this.runtime.Tensor('int64', values, [rows.length, width]);
    const inputs: Record<string, Tensor> = { input_ids: tensor(ids), attention_mask: tensor(mask) };
    if (this.session.inputNames.includes('token_type_ids')) inputs['token_type_ids'] = tensor(new BigInt64Array(ids.length));
    const { logits, pooled } = await this.session.run(inputs, outputs);
    const { labels, head } = this.model;
    return {
      logits: this.#checked('logits', logits, head?.logits ?? labels.length),
      pooled: outputs.includes('pooled') ? this.#checked('pooled', pooled, head?.pooled ?? null) : null,
    };
  }

  /** @param width that model.json says, or null where it says none. */
  #checked(name: OutputName, output: Tensor | undefined, width: number | null): Output {
    const { path, head } = this.model;
    const shape = `the model gives [${output?.dims.join(', ')}] ${name}`;
    const found = output?.dims[1];
    if (output === undefined || output.dims.length !== 2 || found === undefined) throw new Error(`${path}: ${shape}, not [texts, width]`);
    if (width !== null && found !== width)
      throw new Error(`${path}: ${shape}, and model.json ${head === null ? `names ${width} labels` : `says ${width} of the layer on top`}`);
    if (!(output.data instanceof Float32Array)) throw new Error(`${path}: the ${name} are ${output.type}, not float32`);
    return { data: output.data, width: found };
  }
}

function rowOf({ data, width }: Output, row: number): Float32Array {
  return data.subarray(row * width, (row + 1) * width);
}

/** Opens a model in the thread that calls. @throws TrilogError `MODEL_INVALID` or `RUNTIME_MISSING`. */
export async function openClassifier(start: ModelStart): Promise<Classifier> {
  const failed = (code: ErrorCode) => (cause: unknown) => {
    throw new TrilogError(code, reasonOf(cause), { cause });
  };
  const runtime = await loadRuntime().catch(failed('RUNTIME_MISSING'));
  return await Classifier.open(start, runtime).catch(failed('MODEL_INVALID'));
}

export function reasonOf(error: unknown): string {
  return error instanceof Error ? error.message : String(error);
}

import { join } from 'node:path';
import type { InferenceSession, Tensor } from 'onnxruntime-node';
import { buckets } from './buckets.js';
import { TextEncoder } from './encode-text.js';
import type { ModelFolder } from './model-folder.js';
import type { WorkerStart } from './protocol.js';
import { type Guess, likeliest } from './softmax.js';

type Runtime = typeof import('onnxruntime-node');

/** Rows and tokens of one inference: larger ones are no faster on a CPU, and hold more memory. */
const LIMITS = { rows: 32, tokens: 2048, stretch: 1.25 };
/** Labels that are kept of each answer. */
const TOP = 3;
const INPUTS = ['input_ids', 'attention_mask', 'token_type_ids'];

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
  static async open({ model, threads, maxTokens, executionProviders }: WorkerStart, runtime: Runtime): Promise<Classifier> {
    const path = join(model.path, 'model.onnx');
    const open = (providers: readonly string[]): Promise<InferenceSession> =>
      runtime.InferenceSession.create(path, {
        executionProviders: providers,
        intraOpNumThreads: threads,
        interOpNumThreads: 1,
        graphOptimizationLevel: 'all',
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
    if (!session.outputNames.includes('logits')) throw new Error(`${path}: it has no output "logits"`);
    const classifier = new Classifier(model, runtime, session, new TextEncoder(model.path, maxTokens), warning);
    await classifier.classify(['ready?']);
    return classifier;
  }

  /** The likeliest labels of each text, the likeliest first. */
  async classify(texts: readonly string[]): Promise<Guess[][]> {
    const encoded = texts.map((text) => this.encoder.encode(text));
    const answers: Guess[][] = texts.map(() => []);
    for (const rows of buckets(
      encoded.map((ids) => ids.length),
      LIMITS,
    )) {
      const logits = await this.#run(rows.map((row) => encoded[row] ?? []));
      const { labels, temperature } = this.model;
      for (const [i, row] of rows.entries())
        answers[row] = likeliest(logits.subarray(i * labels.length, (i + 1) * labels.length), labels, temperature, TOP);
    }
    return answers;
  }

  async #run(rows: readonly (readonly number[])[]): Promise<Float32Array> {
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
    // The pooled output is not fetched: nobody needs it here.
    const { logits } = await this.session.run(inputs, ['logits']);
    const { labels, path } = this.model;
    if (logits === undefined || logits.dims.length !== 2 || logits.dims[1] !== labels.length)
      throw new Error(`${path}: the model gives [${logits?.dims.join(', ')}] logits, and model.json names ${labels.length} labels`);
    if (!(logits.data instanceof Float32Array)) throw new Error(`${path}: the logits are ${logits.type}, not float32`);
    return logits.data;
  }
}

export function reasonOf(error: unknown): string {
  return error instanceof Error ? error.message : String(error);
}

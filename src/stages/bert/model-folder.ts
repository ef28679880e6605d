import { createHash } from 'node:crypto';
import { readFileSync } from 'node:fs';
import { join, resolve } from 'node:path';
import { z } from 'zod';
import { TrilogError } from '../../errors.js';
import { MODELS_DIR } from '../../paths.js';
import type { Taxonomy } from '../taxonomy.js';

const share = z.number().min(0).max(1);

const modelSchema = z.object({
  name: z.string().min(1),
  version: z.string().min(1),
  labels: z.array(z.string().min(1)).min(2),
  temperature: z.number().positive().default(1),
  min_confidence: share.default(0.7),
  per_label_min_confidence: z.record(z.string(), share).default({}),
  max_tokens: z.int().min(8).max(512).default(128),
});

/** Files that every model folder has. */
const FILES = ['model.onnx', 'tokenizer.json', 'tokenizer_config.json', 'model.json'] as const;

/** A sequence classifier on disk: ONNX graph, tokenizer and what its outputs mean. */
export interface ModelFolder {
  readonly path: string;
  /** Name, version and a hash of the content: an answer of one is never taken for one of another. */
  readonly id: string;
  /** Of the outputs, in their order. */
  readonly labels: readonly string[];
  /** Divides the logits, so that confidences are what they say. */
  readonly temperature: number;
  readonly minConfidence: number;
  readonly minConfidenceByLabel: Readonly<Record<string, number>>;
  readonly maxTokens: number;
}

/** The folder of a model by the name that the configuration has for it: `openstack` for the one that comes with trilog, else a path. */
export function modelPath(model: string, folder = '.'): string {
  return model === 'openstack' ? join(MODELS_DIR, 'bert-openstack') : resolve(folder, model);
}

/**
 * Reads and checks all that can be checked without running the graph.
 * @throws TrilogError `MODEL_INVALID` with every problem.
 */
export function readModelFolder(path: string, taxonomy: Taxonomy): ModelFolder {
  const hash = createHash('sha256');
  const problems: string[] = [];
  const texts = new Map<string, string>();
  for (const name of FILES) {
    try {
      const bytes = readFileSync(join(path, name));
      hash.update(name).update(bytes);
      if (name.endsWith('.json')) texts.set(name, bytes.toString('utf8'));
    } catch (error) {
      problems.push(`${join(path, name)}: ${error instanceof Error ? error.message : String(error)}`);
    }
  }
  for (const [name, text] of texts) if (json(text) === undefined) problems.push(`${join(path, name)}: it is no JSON`);
  const parsed = modelSchema.safeParse(json(texts.get('model.json') ?? '{}'));
  const at = join(path, 'model.json');
  if (parsed.success) problems.push(...incoherences(parsed.data, taxonomy).map((problem) => `${at}: ${problem}`));
  else if (texts.has('model.json'))
    problems.push(...parsed.error.issues.map((issue) => `${at}: ${issue.path.join('.')}: ${issue.message}`));
  if (!parsed.success || problems.length > 0) throw new TrilogError('MODEL_INVALID', problems.join('\n'));
  const { name, version, labels, temperature, min_confidence, per_label_min_confidence, max_tokens } = parsed.data;
  return {
    path,
    id: `${name}@${version}#${hash.digest('hex').slice(0, 12)}`,
    labels,
    temperature,
    minConfidence: min_confidence,
    minConfidenceByLabel: per_label_min_confidence,
    maxTokens: max_tokens,
  };
}

function incoherences({ labels, per_label_min_confidence: own }: z.output<typeof modelSchema>, taxonomy: Taxonomy): string[] {
  const known = new Set(labels);
  const twice = labels.filter((label, i) => labels.indexOf(label) !== i);
  return [
    ...labels.filter((label) => !taxonomy.has(label)).map((label) => `labels: "${label}" is not a label of the taxonomy`),
    ...twice.map((label) => `labels: "${label}" stands twice`),
    ...Object.keys(own)
      .filter((label) => !known.has(label))
      .map((label) => `per_label_min_confidence: "${label}" is not a label of the model`),
  ];
}

function json(text: string): unknown {
  try {
    return JSON.parse(text) as unknown;
  } catch {
    return undefined;
  }
}

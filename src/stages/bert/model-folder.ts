import { createHash, type Hash } from 'node:crypto';
import { existsSync, readFileSync } from 'node:fs';
import { join, resolve } from 'node:path';
import { z } from 'zod';
import { TrilogError } from '../../errors.js';
import { MODELS_DIR } from '../../paths.js';
import type { Taxonomy } from '../taxonomy.js';
import { decodeHead, type Head } from './head.js';

const share = z.number().min(0).max(1);

const modelSchema = z.object({
  name: z.string().min(1),
  version: z.string().min(1),
  labels: z.array(z.string().min(1)).min(2),
  temperature: z.number().positive().default(1),
  min_confidence: share.default(0.7),
  per_label_min_confidence: z.record(z.string(), share).default({}),
  max_tokens: z.int().min(8).max(512).default(128),
  head: z
    .object({ pooled: z.int().min(1).max(65_536), logits: z.int().min(1).max(65_536) })
    .optional()
    .describe('widths of the outputs of the graph that the layer in head.bin reads; the labels are those of the layer then'),
});

/** Files that every model folder has. */
export const MODEL_FILES = ['model.onnx', 'tokenizer.json', 'tokenizer_config.json', 'model.json'] as const;
/** The layer that `trilog train` made; `model.json` says its shape. */
export const HEAD_FILE = 'head.bin';

/** A sequence classifier on disk: ONNX graph, tokenizer, what its outputs mean, and the layer on top where there is one. */
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
  /** Replaces the last layer of the graph; null where the graph answers itself. */
  readonly head: Head | null;
}

/** The folder of a model by the name that the configuration has for it: `openstack` for the one that comes with trilog, else a path. */
export function modelPath(model: string, folder = '.'): string {
  return model === 'openstack' ? join(MODELS_DIR, 'bert-openstack') : resolve(folder, model);
}

/**
 * Reads and checks all that can be checked without running the graph.
 * @param taxonomy null where the labels may be any, since nothing is classified by them.
 * @throws TrilogError `MODEL_INVALID` with every problem.
 */
export function readModelFolder(path: string, taxonomy: Taxonomy | null): ModelFolder {
  const hash = createHash('sha256');
  const problems: string[] = [];
  const texts = new Map<string, string>();
  for (const name of MODEL_FILES) {
    const bytes = readOr(join(path, name), problems);
    if (bytes === null) continue;
    hash.update(name).update(bytes);
    if (name.endsWith('.json')) texts.set(name, bytes.toString('utf8'));
  }
  for (const [name, text] of texts) if (json(text) === undefined) problems.push(`${join(path, name)}: it is no JSON`);
  const parsed = modelSchema.safeParse(json(texts.get('model.json') ?? '{}'));
  const at = join(path, 'model.json');
  if (parsed.success) problems.push(...incoherences(parsed.data, taxonomy).map((problem) => `${at}: ${problem}`));
  else if (texts.has('model.json'))
    problems.push(...parsed.error.issues.map((issue) => `${at}: ${issue.path.join('.')}: ${issue.message}`));
  const head = parsed.success ? readHead(join(path, HEAD_FILE), parsed.data, hash, problems) : null;
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
    head,
  };
}

function readOr(file: string, problems: string[]): Buffer | null {
  try {
    return readFileSync(file);
  } catch (error) {
    problems.push(`${file}: ${error instanceof Error ? error.message : String(error)}`);
    return null;
  }
}

/** The layer on top, where `model.json` names one; a file that it does not name would be left out in silence. */
function readHead(file: string, { head, labels }: z.output<typeof modelSchema>, hash: Hash, problems: string[]): Head | null {
  if (head === undefined) {
    if (existsSync(file)) problems.push(`${file}: model.json has no \`head\` that says what this layer reads`);
    return null;
  }
  const bytes = readOr(file, problems);
  if (bytes === null) return null;
  hash.update(HEAD_FILE).update(bytes);
  const decoded = decodeHead(bytes, { labels: labels.length, ...head });
  if (typeof decoded !== 'string') return decoded;
  problems.push(`${file}: ${decoded}`);
  return null;
}

function incoherences({ labels, per_label_min_confidence: own }: z.output<typeof modelSchema>, taxonomy: Taxonomy | null): string[] {
  const known = new Set(labels);
  const twice = labels.filter((label, i) => labels.indexOf(label) !== i);
  return [
    ...labels.filter((label) => taxonomy?.has(label) === false).map((label) => `labels: "${label}" is not a label of the taxonomy`),
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

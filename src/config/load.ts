import { existsSync, readFileSync } from 'node:fs';
import { hostname } from 'node:os';
import { dirname, resolve } from 'node:path';
import type { z } from 'zod';
import { TrilogError } from '../errors.js';
import type { DeadLetterLimits } from '../pipeline/dead-letter-files.js';
import { matchesSome, type When, whenSchema } from '../pipeline/route.js';
import type { InputPlugin, OutputPlugin } from '../plugin/contract.js';
import { findPlugin, type PluginOf } from '../plugin/registry.js';
import { UNCLASSIFIED } from '../record/record.js';
import { modelPath } from '../stages/bert/model-folder.js';
import type { BertConfig } from '../stages/build-cascade.js';
import type { LlmConfig, llmSchema } from '../stages/llm/config.js';
import { SHIPPED_PROMPT } from '../stages/llm/prompt.js';
import type { MemoryLimits } from '../stages/memory/store.js';
import { packFile } from '../stages/rules/load.js';
import { loadTaxonomy } from '../stages/taxonomy.js';
import type { Listen } from '../telemetry/http.js';
import type { TelemetryConfig } from '../telemetry/telemetry.js';
import { formatProblem, type Problem, YamlFile } from '../yaml/document.js';
import { substituteEnvironment } from './environment.js';
import { ruleFiles, unreadableFiles } from './named-files.js';
import { bertSchema, configSchema, type FileConfig } from './schema.js';
import { entriesOf, valueAt } from './value-at.js';

/** A component as configured: the plugin, and the keys that its schema has checked. */
export interface InputConfig {
  readonly name: string;
  readonly plugin: InputPlugin;
  readonly config: unknown;
}

export interface OutputConfig {
  readonly name: string;
  readonly plugin: OutputPlugin;
  readonly config: unknown;
  readonly when: When | null;
}

/** Everything that an agent is built from. */
export interface AgentConfig {
  /** The configuration file's folder, to which its paths are relative. */
  readonly configDir: string;
  readonly dataDir: string;
  readonly host: string;
  readonly inputs: readonly InputConfig[];
  readonly outputs: readonly OutputConfig[];
  /** File of labels; null for the ones that come with trilog. */
  readonly taxonomyFile: string | null;
  /** Rule files, the first wins. */
  readonly ruleFiles: readonly string[];
  readonly known: boolean;
  readonly bert: BertConfig | null;
  readonly llm: LlmConfig | null;
  readonly memory: MemoryLimits;
  /** Null: answers are not shared with other agents. */
  readonly memoryTopic: NonNullable<FileConfig['classify']['memory']['topic']> | null;
  readonly deadLetters: DeadLetterLimits;
  readonly pipeline: FileConfig['pipeline'];
  /** Where it shows itself; null for nowhere. */
  readonly telemetry: TelemetryConfig | null;
  readonly log: FileConfig['log'];
}

/**
 * Reads a configuration file, with the environment put in, and checks all of it.
 * @throws TrilogError `CONFIG_UNREADABLE`, or `CONFIG_INVALID` with every problem, one a line: `file:line:column: path: message`.
 */
export async function loadConfig(
  file: string,
  environment: Readonly<Record<string, string | undefined>> = process.env,
): Promise<AgentConfig> {
  let text: string;
  try {
    text = readFileSync(file, 'utf8');
  } catch (cause) {
    throw new TrilogError('CONFIG_UNREADABLE', `${file}: ${cause instanceof Error ? cause.message : String(cause)}`, { cause });
  }
  const yaml = new YamlFile(file, text);
  if (yaml.syntaxProblems.length > 0) throw invalid(yaml.syntaxProblems);
  const { value, missing } = substituteEnvironment(yaml.value, environment);
  const problems = missing.map(({ path, name }) =>
    yaml.problem(path, `the environment has no ${name}; set it, or write \${${name}:-default}`),
  );
  const parsed = configSchema.safeParse(value);
  if (!parsed.success) problems.push(...yaml.problems(parsed.error));
  // The rest is checked even where something is wrong, so that all errors come at once.
  const folder = dirname(resolve(file));
  problems.push(...unreadableFiles(value, folder).map(({ path, message }) => yaml.problem(path, message)));
  problems.push(...idleLabels(yaml, value, folder));
  const inputs = await components(yaml, 'input', value, folder, problems);
  const outputs = await components(yaml, 'output', value, folder, problems);
  if (problems.length === 0) problems.push(...misfits(yaml, inputs, outputs));
  if (!parsed.success || problems.length > 0) throw invalid(problems);

  const { data_dir, host, classify, dead_letters, pipeline, telemetry, log } = parsed.data;
  return {
    configDir: folder,
    dataDir: resolve(folder, data_dir),
    host: host ?? hostname(),
    inputs,
    outputs: outputs.map((output) => ({ ...output, when: parsed.data.outputs[output.name]?.when ?? null })),
    taxonomyFile: classify.taxonomy === undefined ? null : resolve(folder, classify.taxonomy),
    ruleFiles: [...ruleFiles(classify.rules.files, folder), ...classify.rules.packs.map(packFile)],
    known: classify.known,
    bert: bertConfig(classify.bert, folder),
    llm: classify.llm === undefined ? null : llmConfig(classify.llm, folder),
    memory: { maxEntries: classify.memory.max_entries, maxBytes: classify.memory.max_bytes },
    memoryTopic: classify.memory.topic ?? null,
    deadLetters: { maxBytes: dead_letters.max_bytes, rotateBytes: dead_letters.rotate_bytes },
    pipeline,
    telemetry: telemetry === undefined ? null : { ...listenAt(telemetry.listen), tap: telemetry.tap },
    log,
  };
}

/** @param listen `host:port`, an IPv6 address in brackets. */
function listenAt(listen: string): Listen {
  const colon = listen.lastIndexOf(':');
  return { host: listen.slice(0, colon).replace(/^\[|\]$/g, ''), port: Number(listen.slice(colon + 1)) };
}

/** Absent is the shipped model, where there is one; whoever names a model wants it or an error. */
export function bertConfig(keys: FileConfig['classify']['bert'], folder = '.'): BertConfig | null {
  if (keys === false || (keys === undefined && !existsSync(modelPath('openstack')))) return null;
  const { model, min_confidence, min_confidence_by_label, threads, max_tokens, execution_providers } = keys ?? bertSchema.parse({});
  return {
    path: modelPath(model, folder),
    required: keys !== undefined,
    minConfidence: min_confidence ?? null,
    minConfidenceByLabel: min_confidence_by_label,
    threads,
    maxTokens: max_tokens ?? null,
    executionProviders: execution_providers,
  };
}

/** What was configured, its files beginning at a folder. */
export function llmConfig(keys: z.output<typeof llmSchema>, folder: string): LlmConfig {
  const { ca_file, prompt, ...rest } = keys;
  return {
    ...rest,
    caFile: ca_file === undefined ? null : resolve(folder, ca_file),
    promptFile: prompt === undefined ? SHIPPED_PROMPT : resolve(folder, prompt),
  };
}

function invalid(problems: readonly Problem[]): TrilogError {
  const sorted = problems.toSorted((a, b) => a.line - b.line || a.column - b.column);
  return new TrilogError('CONFIG_INVALID', sorted.map(formatProblem).join('\n'));
}

/** Components that are right by themselves, but not beside the others. */
function misfits(yaml: YamlFile, inputs: readonly Found<'input'>[], outputs: readonly Found<'output'>[]): Problem[] {
  const company = [...inputs, ...outputs].map(({ name, plugin, config }) => ({ kind: plugin.kind, name, type: plugin.type, config }));
  return [...inputs, ...outputs].flatMap(({ name, plugin, config }) => {
    const message = plugin.problem?.(config, company) ?? null;
    return message === null ? [] : [yaml.problem([`${plugin.kind}s`, name], message)];
  });
}

/** Patterns in a `when:` that no record can match, because there is no such label. */
function idleLabels(yaml: YamlFile, config: unknown, folder: string): Problem[] {
  const asked = entriesOf(valueAt(config, 'outputs')).flatMap(([name, output]) => {
    const when = whenSchema.safeParse(valueAt(output, 'when'));
    return (when.data?.labels ?? []).map((glob, i) => ({ glob, path: ['outputs', name, 'when', 'labels', i] }));
  });
  const labels = asked.length === 0 ? null : labelsOf(config, folder);
  if (labels === null) return [];
  return asked
    .filter(({ glob }) => !matchesSome(glob, labels))
    .map(({ glob, path }) => yaml.problem(path, `no label of the taxonomy matches ${JSON.stringify(glob)}, nor does ${UNCLASSIFIED}`));
}

/** The labels that records can have; null where the taxonomy has errors, which are told by whoever uses it. */
function labelsOf(config: unknown, folder: string): readonly string[] | null {
  const file = valueAt(valueAt(config, 'classify'), 'taxonomy');
  try {
    return [...loadTaxonomy(typeof file === 'string' ? resolve(folder, file) : undefined).labels.keys(), UNCLASSIFIED];
  } catch (error) {
    if (error instanceof TrilogError) return null;
    throw error;
  }
}

interface Found<Kind extends 'input' | 'output'> {
  readonly name: string;
  readonly plugin: PluginOf[Kind];
  readonly config: unknown;
}

async function components<Kind extends 'input' | 'output'>(
  yaml: YamlFile,
  kind: Kind,
  config: unknown,
  folder: string,
  problems: Problem[],
): Promise<Found<Kind>[]> {
  const found: Found<Kind>[] = [];
  for (const [name, keys] of entriesOf(valueAt(config, `${kind}s`))) {
    const path = [`${kind}s`, name];
    if (typeof keys !== 'object' || keys === null || !('type' in keys) || typeof keys.type !== 'string') continue;
    try {
      const plugin = await findPlugin(kind, keys.type, folder);
      const { type: _, ...rest } = keys as Record<string, unknown>;
      if (kind === 'output') delete rest['when'];
      const parsed = plugin.config.safeParse(rest);
      if (parsed.success) found.push({ name, plugin, config: parsed.data });
      else problems.push(...yaml.problems(parsed.error, path));
    } catch (error) {
      if (!(error instanceof TrilogError)) throw error;
      problems.push(yaml.problem([...path, 'type'], error.message));
    }
  }
  return found;
}

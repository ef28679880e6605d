import { isDeepStrictEqual } from 'node:util';
import type { AgentConfig } from './load.js';

/** What differs between the configuration that runs and the one on disk, by the keys of the file. Values are never told: they may be secrets. */
export interface Changes {
  readonly outputs: readonly string[];
  readonly inputs: readonly string[];
  /** What else a running agent takes over. */
  readonly taken: readonly string[];
  /** What only a start takes. */
  readonly left: readonly string[];
}

/** Keys of the language model by which others were built at the start: which records it is asked about, and how long it may hold them. */
const LLM_AT_START = ['levels', 'wait_ms'];

/** The two are of the same file. @param contents paths of named files whose content differs. */
export function changesBetween(before: AgentConfig, after: AgentConfig, contents: readonly string[]): Changes {
  const llm = ofSection('classify.llm', before.llm, after.llm);
  const isLeft = (path: string): boolean =>
    (before.llm === null) !== (after.llm === null) || LLM_AT_START.includes(path.slice('classify.llm.'.length));
  return {
    outputs: ofComponents('outputs', before.outputs, after.outputs),
    inputs: ofComponents('inputs', before.inputs, after.inputs),
    taken: [
      ...ofSection('classify.taxonomy', before.taxonomyFile, after.taxonomyFile),
      ...ofSection('classify.rules', before.ruleFiles, after.ruleFiles),
      ...ofSection('classify.known', before.known, after.known),
      ...ofSection('classify.bert', before.bert, after.bert),
      ...llm.filter((path) => !isLeft(path)),
      ...ofSection('log.level', before.log.level, after.log.level),
      ...contents,
    ],
    left: [
      ...ofSection('data_dir', before.dataDir, after.dataDir),
      ...ofSection('host', before.host, after.host),
      ...llm.filter(isLeft),
      ...ofSection('classify.memory', before.memory, after.memory),
      ...ofSection('classify.memory.topic', before.memoryTopic, after.memoryTopic),
      ...ofSection('dead_letters', before.deadLetters, after.deadLetters),
      ...ofSection('pipeline', before.pipeline, after.pipeline),
      ...(isDeepStrictEqual(before.telemetry, after.telemetry) ? [] : ['telemetry']),
      ...ofSection('log', { ...before.log, level: '' }, { ...after.log, level: '' }),
    ],
  };
}

/** What runs once the changes that can be taken are: the new classification among the old rest. */
export function merged(before: AgentConfig, after: AgentConfig): AgentConfig {
  const { taxonomyFile, ruleFiles, known, bert } = after;
  const llm =
    before.llm === null || after.llm === null ? before.llm : { ...after.llm, levels: before.llm.levels, wait_ms: before.llm.wait_ms };
  return { ...before, taxonomyFile, ruleFiles, known, bert, llm, log: { ...before.log, level: after.log.level } };
}

interface Component {
  readonly name: string;
  readonly plugin: { readonly type: string };
  readonly config: unknown;
  readonly when?: unknown;
}

/** Whether one that runs is just what is wanted. */
export function isSameComponent(running: Component, wanted: Component): boolean {
  return (
    running.name === wanted.name &&
    running.plugin.type === wanted.plugin.type &&
    isDeepStrictEqual(running.config, wanted.config) &&
    isDeepStrictEqual(running.when, wanted.when)
  );
}

function ofComponents(kind: 'inputs' | 'outputs', before: readonly Component[], after: readonly Component[]): string[] {
  const names = new Set([...before, ...after].map(({ name }) => name));
  return [...names].flatMap((name) => {
    const [old, now] = [before, after].map((components) => components.find((component) => component.name === name));
    if (old === undefined || now === undefined) return [`${kind}.${name}`];
    if (old.plugin.type !== now.plugin.type) return [`${kind}.${name}.type`];
    return [...keysThatDiffer(old.config, now.config), ...(isDeepStrictEqual(old.when, now.when) ? [] : ['when'])].map(
      (key) => `${kind}.${name}.${key}`,
    );
  });
}

/** Where the loader has given a key another name. */
const KEYS: Readonly<Record<string, string>> = { path: 'model', required: 'model', promptFile: 'prompt' };

/** The section as a whole where it is missing on one side, else its keys that differ. */
function ofSection(path: string, before: unknown, after: unknown): string[] {
  if (isDeepStrictEqual(before, after)) return [];
  if (!isObject(before) || !isObject(after)) return [path];
  const keys = keysThatDiffer(before, after).map((key) => KEYS[key] ?? key.replace(/[A-Z]/g, (letter) => `_${letter.toLowerCase()}`));
  return [...new Set(keys)].map((key) => `${path}.${key}`);
}

function keysThatDiffer(before: unknown, after: unknown): string[] {
  const [old, now] = [isObject(before) ? before : {}, isObject(after) ? after : {}];
  return [...new Set([...Object.keys(old), ...Object.keys(now)])].filter((key) => !isDeepStrictEqual(old[key], now[key]));
}

function isObject(value: unknown): value is Readonly<Record<string, unknown>> {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}

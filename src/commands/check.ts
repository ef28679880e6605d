import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { type AgentConfig, loadConfig } from '../config/load.js';
import { TrilogError } from '../errors.js';
import type { ComponentContext, ComponentLog, Input, Output } from '../plugin/contract.js';
import { MEMORY_TABLE } from '../plugin/registry.js';
import { harmless } from '../record/profiles/pretty.js';
import { CascadePlan } from '../stages/build-cascade.js';
import type { LlmConfig } from '../stages/llm/config.js';
import { commandLog } from './command-log.js';
import type { CommandBody } from './lazy-command.js';

export const check: CommandBody<{ config: string; connect: boolean }> = {
  builder: (yargs) =>
    yargs.option('config', { alias: 'c', type: 'string', demandOption: true, describe: 'configuration file' }).option('connect', {
      type: 'boolean',
      default: false,
      describe: 'also open every input and output once, ask the language model what models it has, and look for the topic of the memory',
    }),
  handler: async ({ config: file, connect }) => {
    const config = await loadConfig(file);
    // With a memory of its own: a running agent's is not touched.
    const cascade = await new CascadePlan(config, commandLog).build();
    await cascade.close();
    if (connect) await openAll(config);
    const names = (components: readonly { name: string }[]): string => components.map(({ name }) => name).join(', ');
    process.stdout.write(`${file}: ok (inputs: ${names(config.inputs)}; outputs: ${names(config.outputs)})\n`);
  },
};

/** So long may an endpoint or a server take to say what it has, in milliseconds. */
const REACH_MS = 10_000;

const silent = (): void => {};
const SILENT: ComponentLog = { debug: silent, info: silent, warn: silent, error: silent };

/** What is wrong with the endpoint, or null. Its library is loaded only where there is one. */
async function reachLlm(config: LlmConfig): Promise<string | null> {
  const { reach } = await import('../stages/llm/reach.js');
  return await reach(config, AbortSignal.timeout(REACH_MS));
}

/** What is wrong with the topic of the memory, or null. */
async function reachTopic({ memoryTopic, configDir }: AgentConfig): Promise<string | null> {
  if (memoryTopic === null) return null;
  try {
    const table = await MEMORY_TABLE.create(memoryTopic, { configDir, log: SILENT, count: silent });
    await table.check(AbortSignal.timeout(REACH_MS));
    return null;
  } catch (error) {
    return error instanceof Error ? error.message : String(error);
  }
}

/** Opens and closes each component, with a memory of its own, so that a running agent's is not touched. */
async function openAll(config: AgentConfig): Promise<void> {
  const dataDir = await mkdtemp(join(tmpdir(), 'trilog-check-'));
  const failures: string[] = [];
  const llm = config.llm === null ? null : await reachLlm(config.llm);
  if (llm !== null) failures.push(`classify.llm: ${harmless(llm)}`);
  const topic = await reachTopic(config);
  if (topic !== null) failures.push(`classify.memory.topic: ${harmless(topic)}`);
  try {
    for (const kind of ['inputs', 'outputs'] as const) {
      for (const { name, plugin, config: keys } of config[kind]) {
        const context: ComponentContext = {
          name,
          dataDir,
          configDir: config.configDir,
          host: config.host,
          ownFiles: () => [],
          log: SILENT,
          count: silent,
        };
        try {
          const component: Input | Output = plugin.create(keys, context);
          try {
            await component.open();
            if ('check' in component) await component.check?.(AbortSignal.timeout(REACH_MS));
          } finally {
            await component.close();
          }
        } catch (error) {
          failures.push(`${kind}.${name}: ${error instanceof Error ? error.message : String(error)}`);
        }
      }
    }
  } finally {
    await rm(dataDir, { recursive: true, force: true });
  }
  if (failures.length > 0) throw new TrilogError('CONNECT_FAILED', failures.join('\n'));
}

import type { Argv } from 'yargs';
import { bertConfig, loadConfig } from '../config/load.js';
import { bertSchema, memorySchema } from '../config/schema.js';
import { TrilogError } from '../errors.js';
import type { CascadeConfig } from '../stages/build-cascade.js';
import { packFile } from '../stages/rules/load.js';

const PACKS = ['openstack'] as const;

/** What a command line says of the cascade. */
export interface CascadeArguments {
  config: string | undefined;
  rules: string[];
  packs: string[] | undefined;
  taxonomy: string | undefined;
  model: string | undefined;
}

/** The cascade of a command. */
export interface CommandCascade extends CascadeConfig {
  /** Of the agent that it is taken from; null where it is from none. */
  readonly dataDir: string | null;
}

/** Whether a stage is to be had: `wanted` makes it an error that it cannot be used. */
type Wish = 'wanted' | 'if there' | 'off';

export function cascadeOptions<T>(yargs: Argv<T>) {
  return yargs
    .option('config', {
      alias: 'c',
      type: 'string',
      requiresArg: true,
      describe:
        'configuration file of an agent, whose `classify` is taken; the language model is asked only where it is there. The options beside it win',
    })
    .option('rules', {
      type: 'string',
      array: true,
      default: [] as string[],
      describe: 'rule files of yours; they win over the packs',
    })
    .option('packs', {
      array: true,
      choices: PACKS,
      describe: 'rule packs that come with trilog: openstack where this is absent, none where --taxonomy names other labels',
    })
    .option('taxonomy', { type: 'string', requiresArg: true, describe: 'file of labels in place of the ones that come with trilog' })
    .option('model', { type: 'string', requiresArg: true, describe: 'folder of a BERT model in place of the one that comes with trilog' })
    .check(({ model }) => requireModelName(model));
}

/** An empty name would mean the current folder. */
export function requireModelName(model: string | undefined): true {
  if (model === '') throw new Error('model is the folder of a model; it is empty');
  return true;
}

/** @throws TrilogError for a configuration file that is wrong, and `USAGE` where a stage is wanted that nobody configured. */
export async function cascadeConfig(args: CascadeArguments, bert: Wish, llm: Wish): Promise<CommandCascade> {
  const { rules, packs, taxonomy, model } = args;
  const agent: CommandCascade = args.config === undefined ? withoutAgent(taxonomy === undefined) : await loadConfig(args.config);
  if (llm === 'wanted' && agent.llm === null)
    throw new TrilogError('USAGE', 'the stage llm needs an endpoint: --config names a file that has one under classify.llm');
  return {
    taxonomyFile: taxonomy ?? agent.taxonomyFile,
    ruleFiles: [...rules, ...(packs === undefined ? agent.ruleFiles : packs.map(packFile))],
    known: agent.known,
    bert: bert === 'off' ? null : bertOf(agent, model, bert),
    llm: llm === 'off' ? null : agent.llm,
    memory: agent.memory,
    dataDir: agent.dataDir,
  };
}

function bertOf(agent: CascadeConfig, model: string | undefined, wish: Wish): CascadeConfig['bert'] {
  if (model !== undefined) return bertConfig(bertSchema.parse({ model }));
  if (wish !== 'wanted') return agent.bert;
  const bert = agent.bert ?? bertConfig(bertSchema.parse({}));
  return bert === null ? null : { ...bert, required: true };
}

function withoutAgent(packs: boolean): CommandCascade {
  const { max_entries, max_bytes } = memorySchema.parse({});
  return {
    taxonomyFile: null,
    ruleFiles: packs ? PACKS.map(packFile) : [],
    known: true,
    bert: bertConfig(undefined),
    llm: null,
    memory: { maxEntries: max_entries, maxBytes: max_bytes },
    dataDir: null,
  };
}

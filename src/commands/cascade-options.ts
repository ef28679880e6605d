import type { Argv } from 'yargs';
import { bertConfig } from '../config/load.js';
import { bertSchema, memorySchema } from '../config/schema.js';
import type { CascadeConfig } from '../stages/build-cascade.js';
import { packFile } from '../stages/rules/load.js';

const PACKS = ['openstack'] as const;

/** What a command line says of the cascade. */
export interface CascadeArguments {
  rules: string[];
  packs: string[] | undefined;
  taxonomy: string | undefined;
  model: string | undefined;
}

export function cascadeOptions<T>(yargs: Argv<T>) {
  return yargs
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

/** @param bert `wanted` makes it an error that there is no usable model. */
export function cascadeConfig({ rules, packs, taxonomy, model }: CascadeArguments, bert: 'wanted' | 'if there' | 'off'): CascadeConfig {
  const { max_entries, max_bytes } = memorySchema.parse({});
  const named = model !== undefined || bert === 'wanted' ? bertSchema.parse(model === undefined ? {} : { model }) : undefined;
  return {
    taxonomyFile: taxonomy ?? null,
    ruleFiles: [...rules, ...(packs ?? (taxonomy === undefined ? PACKS : [])).map(packFile)],
    known: true,
    bert: bertConfig(bert === 'off' ? false : named),
    memory: { maxEntries: max_entries, maxBytes: max_bytes },
  };
}

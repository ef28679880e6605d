import { join, resolve } from 'node:path';
import type { Argv, CommandModule } from 'yargs';
import { loadConfig } from '../config/load.js';
import { memorySchema } from '../config/schema.js';
import { TrilogError } from '../errors.js';
import { harmless } from '../record/profiles/pretty.js';
import type { Entry } from '../stages/memory/entry.js';
import { readEntries, storeEntries } from '../stages/memory/import.js';
import { MemoryStore } from '../stages/memory/store.js';
import type { CommandBody } from './lazy-command.js';
import { readText } from './reading.js';
import { endWithReader } from './writing.js';

interface MemoryArguments {
  config: string | undefined;
  'data-dir': string | undefined;
}

export const memory: CommandBody<object> = {
  builder: (yargs) =>
    yargs
      .command(ls)
      .command(show)
      .command(forget)
      .command(exportAll)
      .command(importAll)
      .demandCommand(1, 'What about the memory?')
      .strict(),
  handler: () => {},
};

const ls: CommandModule<object, MemoryArguments & { limit: number }> = {
  command: 'ls',
  describe: 'Lists templates, those that most records had first',
  builder: (yargs) =>
    memoryOptions(yargs)
      .option('limit', { type: 'number', default: 50, describe: 'how many' })
      .check(({ limit }) => (Number.isInteger(limit) && limit >= 0) || 'limit is a whole number'),
  handler: (args) =>
    withStore(args, (store) => {
      const entries = [...store.entries()].sort((a, b) => b[1].count - a[1].count);
      for (const [id, entry] of entries.slice(0, args.limit)) write(row(id, entry));
      write(`${store.size} templates, ${store.bytes} bytes`);
    }),
};

const show: CommandModule<object, MemoryArguments & { id: string }> = {
  command: 'show <id>',
  describe: 'Shows what is remembered of a template, by its `template_id` or the beginning of that',
  builder: (yargs) => memoryOptions(yargs).positional('id', { type: 'string', demandOption: true }),
  handler: (args) =>
    withStore(args, (store) => {
      for (const id of idsOf(store, args.id)) write(harmless(JSON.stringify({ id, ...readable(store.byId(id)) })));
    }),
};

const forget: CommandModule<object, MemoryArguments & { ids: string[]; all: boolean; label: string | undefined }> = {
  command: 'forget [ids..]',
  describe: 'Forgets templates, so that the model is asked again when they come again',
  builder: (yargs) =>
    memoryOptions(yargs)
      .positional('ids', { type: 'string', array: true, default: [] as string[] })
      .option('label', { type: 'string', requiresArg: true, describe: 'all templates of which a model said this first' })
      .option('all', { type: 'boolean', default: false, describe: 'all templates' })
      .check(({ ids, label, all }) => ids.length > 0 || label !== undefined || all || 'Forget what? Name ids, --label or --all.'),
  handler: (args) =>
    withStore(args, async (store) => {
      const labelled = ({ answer, llm }: Entry): boolean =>
        args.label !== undefined && [answer, llm].some((said) => said?.guesses[0]?.label === args.label);
      const swept = [...store.entries()].filter(([, entry]) => args.all || labelled(entry)).map(([id]) => id);
      write(`${await store.remove(new Set([...swept, ...args.ids.flatMap((id) => idsOf(store, id))]))} forgotten`);
    }),
};

const exportAll: CommandModule<object, MemoryArguments> = {
  command: 'export',
  describe: 'Writes all of it as lines of JSON to standard output',
  builder: memoryOptions,
  handler: (args) =>
    withStore(args, (store) => {
      for (const [, entry] of store.entries()) write(JSON.stringify(entry));
    }),
};

const importAll: CommandModule<object, MemoryArguments & { file: string }> = {
  command: 'import [file]',
  describe: 'Reads what `export` wrote, nothing of it where something is wrong; an entry that is there already is replaced',
  builder: (yargs) => memoryOptions(yargs).positional('file', { type: 'string', default: '-', describe: '- is standard input' }),
  handler: (args) =>
    withStore(args, async (store) => {
      const entries = readEntries(await readText(args.file), args.file === '-' ? 'stdin' : args.file);
      const gone = await storeEntries(store, entries);
      write(`${entries.length} imported${gone === 0 ? '' : `; ${gone} that were not used for longest made room`}`);
    }),
};

function memoryOptions<T>(yargs: Argv<T>) {
  return yargs
    .option('config', { alias: 'c', type: 'string', requiresArg: true, describe: 'configuration file of the agent' })
    .option('data-dir', { type: 'string', requiresArg: true, describe: 'data_dir of the agent, in place of its configuration' })
    .check(
      ({ config, 'data-dir': dataDir }) => config !== undefined || dataDir !== undefined || 'Whose memory? Give --config or --data-dir.',
    );
}

async function withStore(
  { config, 'data-dir': dataDir }: MemoryArguments,
  act: (store: MemoryStore) => void | Promise<void>,
): Promise<void> {
  const agent = config === undefined ? null : await loadConfig(config);
  const { max_entries, max_bytes } = memorySchema.parse({});
  const limits = agent?.memory ?? { maxEntries: max_entries, maxBytes: max_bytes };
  const folder = join(dataDir === undefined ? (agent?.dataDir ?? '.') : resolve(dataDir), 'memory');
  const store = MemoryStore.openExisting(folder, limits);
  endWithReader(() => store.close());
  try {
    await act(store);
  } finally {
    await store.close();
  }
}

/** The one template whose id begins so. @throws TrilogError `USAGE` where there is none, or more than one. */
function idsOf(store: MemoryStore, start: string): string[] {
  if (!/^[0-9a-f]{1,32}$/.test(start)) throw new TrilogError('USAGE', `"${harmless(start)}" is no id: one has up to 32 of 0-9 and a-f`);
  if (start.length === 32 && store.byId(start) !== null) return [start];
  const found: string[] = [];
  for (const [id] of store.entries()) if (id.startsWith(start)) found.push(id);
  if (found.length !== 1) throw new TrilogError('USAGE', `${found.length === 0 ? 'no' : found.length} template ids begin with ${start}`);
  return found;
}

/** The label is the language model's, marked so, where that was asked: then BERT was not sure enough. */
function row(id: string, { count, level, logger, template, answer, llm }: Entry): string {
  const guess = llm?.guesses[0] ?? answer?.guesses[0];
  const label =
    guess === undefined ? '-' : `${guess.label} ${(100 * guess.confidence).toFixed(0)} %${llm?.guesses[0] === guess ? ' llm' : ''}`;
  return harmless(`${id.slice(0, 12)} ${String(count).padStart(9)} ${label.padEnd(34)} ${level.padEnd(8)} ${logger}: ${template}`);
}

function readable(entry: Entry | null): object {
  if (entry === null) return {};
  return { ...entry, firstSeen: new Date(entry.firstSeen).toISOString(), lastSeen: new Date(entry.lastSeen).toISOString() };
}

function write(line: string): void {
  process.stdout.write(`${line}\n`);
}

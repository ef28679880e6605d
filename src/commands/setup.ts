import { once } from 'node:events';
import { readFile, writeFile } from 'node:fs/promises';
import { resolve } from 'node:path';
import { createInterface } from 'node:readline/promises';
import { z } from 'zod';
import { type Engine, PROFILES, type ProfileName } from '../../plugins/outputs/search/client.js';
import { panelsOf } from '../../plugins/outputs/search/setup/panels.js';
import type { SetupSettings } from '../../plugins/outputs/search/setup/pieces.js';
import { readRetention } from '../../plugins/outputs/search/setup/retention.js';
import { ndjsonOf, savedObjectsOf } from '../../plugins/outputs/search/setup/saved-objects.js';
import { defaultTarget, type SetupTarget, targetProblem } from '../../plugins/outputs/search/setup/target.js';
import { type AgentConfig, loadConfig, type OutputConfig } from '../config/load.js';
import { TrilogError } from '../errors.js';
import { loadTaxonomy } from '../stages/taxonomy.js';
import type { CommandBody } from './lazy-command.js';
import { labelSetsOf } from './setup-labels.js';
import { type Operator, printed, runSetup, type SearchAccess, type SetupFormat } from './setup-run.js';
import { endWithReader, writeFault } from './writing.js';

export interface SetupArguments {
  engine: Engine;
  config: string | undefined;
  output: string | undefined;
  profile: ProfileName | undefined;
  'data-stream': string | undefined;
  index: string | undefined;
  retention: string;
  'failure-store': boolean;
  dashboard: string | undefined;
  'dashboards-url': string | undefined;
  apply: boolean;
  yes: boolean;
  force: boolean;
  format: SetupFormat;
}

/** The command; `access` is how it reaches the server of an output. */
export function setup(access: SearchAccess): CommandBody<SetupArguments> {
  return {
    builder: (yargs) =>
      yargs
        .positional('engine', { choices: ['elasticsearch', 'opensearch'] as const, demandOption: true })
        .option('config', {
          alias: 'c',
          type: 'string',
          requiresArg: true,
          describe: 'configuration file: compares with the server of its output',
        })
        .option('output', { type: 'string', requiresArg: true, describe: 'which of its outputs, where there are several' })
        .option('profile', { choices: PROFILES, describe: 'form of the documents; without --config' })
        .option('data-stream', { type: 'string', requiresArg: true, describe: 'name of the data stream; without --config' })
        .option('index', { type: 'string', requiresArg: true, describe: 'name of dated indices, such as flog-{date}; without --config' })
        .option('retention', {
          type: 'string',
          requiresArg: true,
          default: '30d',
          describe: 'when indices are deleted, in days; none for never',
        })
        .option('failure-store', {
          type: 'boolean',
          default: false,
          describe: 'switches the failure store of the data stream on (Elasticsearch)',
        })
        .option('dashboard', {
          type: 'string',
          requiresArg: true,
          describe: 'writes the saved objects of the dashboard to this file, as NDJSON',
        })
        .option('dashboards-url', { type: 'string', requiresArg: true, describe: 'with --apply: imports the dashboard there' })
        .option('apply', { type: 'boolean', default: false, describe: 'installs what differs' })
        .option('yes', { type: 'boolean', default: false, describe: 'does not ask' })
        .option('force', { type: 'boolean', default: false, describe: 'also replaces what trilog did not make' })
        .option('format', { alias: 'f', choices: ['requests', 'json'] as const, default: 'requests' as const })
        .check(contradiction),
    handler: async (args) => {
      endWithReader();
      const { engine, format, apply, force, yes } = args;
      const config = args.config === undefined ? null : await loadConfig(args.config);
      const output = config === null ? null : outputFor(config, engine, args.output);
      const settings = settingsOf(args, output);
      const taxonomy = loadTaxonomy(config?.taxonomyFile ?? undefined);
      const objects = savedObjectsOf(settings.target, panelsOf(settings.profile, labelSetsOf(taxonomy)));
      if (args.dashboard !== undefined) await writeObjects(args.dashboard, ndjsonOf(objects));
      if (config === null || output === null) {
        process.stdout.write(printed(settings, format));
        return;
      }
      const url = args['dashboards-url'];
      const dashboards = url === undefined ? null : { server: await serverAt(url, output, config.configDir, access), objects };
      const client = await access.connect(output.config, engine, config.configDir).catch((cause: unknown) => {
        throw new TrilogError('CONNECT_FAILED', `outputs.${output.name}: ${cause instanceof Error ? cause.message : String(cause)}`, {
          cause,
        });
      });
      try {
        await runSetup(client, { settings, format, apply, force, dashboards }, yes ? { ...terminal, agrees: async () => true } : terminal);
      } finally {
        await client.close();
      }
    },
  };
}

/** What of a command line does not go together, in words; else true. */
export function contradiction(args: Omit<SetupArguments, 'engine'>): true | string {
  const own = [args.profile, args['data-stream'], args.index].some((given) => given !== undefined);
  if (args.config !== undefined && own) return '--profile, --data-stream and --index are those of the output where --config is given';
  if (args['data-stream'] !== undefined && args.index !== undefined) return 'either --data-stream or --index, not both';
  if (args.config === undefined && (args.apply || args.output !== undefined)) return 'Install where? Give --config.';
  if (args['dashboards-url'] !== undefined && !args.apply)
    return '--dashboards-url imports only with --apply; --dashboard FILE writes a file';
  if (args.apply && !args.yes && !process.stdin.isTTY) return 'there is no terminal to ask at: --apply needs --yes';
  return true;
}

/** The output of a configuration that writes to such a server. @throws TrilogError `USAGE` where there is none, or more than one and no name. */
export function outputFor({ outputs }: Pick<AgentConfig, 'outputs'>, engine: Engine, name: string | undefined): OutputConfig {
  const found = outputs.filter((output) => output.plugin.type === engine && (name === undefined || output.name === name));
  const [first] = found;
  if (first !== undefined && found.length === 1) return first;
  if (first !== undefined) throw new TrilogError('USAGE', `which output? --output ${found.map((output) => output.name).join(' | ')}`);
  throw new TrilogError('USAGE', `the configuration has no output ${name === undefined ? '' : `${name} `}of type ${engine}`);
}

/** What of an output's keys says where its documents go, and as what. */
const outputKeys = z.looseObject({
  profile: z.enum(PROFILES).default('ecs'),
  data_stream: z.string().optional(),
  index: z.string().optional(),
  ca_file: z.string().optional(),
});

/** What is to be installed. @throws TrilogError `USAGE` */
export function settingsOf(args: SetupArguments, output: OutputConfig | null): SetupSettings {
  const given = outputKeys.parse(output?.config ?? {});
  const profile = args.profile ?? given.profile;
  const target = targetFrom(args['data-stream'] ?? given.data_stream, args.index ?? given.index, profile);
  const problem = targetProblem(target);
  if (problem !== null) throw new TrilogError('USAGE', `${target.kind === 'index' ? target.pattern : target.name}: ${problem}`);
  const retention = readRetention(args.retention);
  if (retention === undefined) throw new TrilogError('USAGE', '--retention is a number of days such as 30d, or none');
  const failureStore = args['failure-store'];
  if (failureStore && (args.engine !== 'elasticsearch' || target.kind !== 'data_stream'))
    throw new TrilogError('USAGE', 'only a data stream of Elasticsearch has a failure store');
  return { engine: args.engine, profile, target, retention, failureStore, lifecycle: true };
}

function targetFrom(dataStream: string | undefined, index: string | undefined, profile: ProfileName): SetupTarget {
  if (dataStream !== undefined) return { kind: 'data_stream', name: dataStream };
  return index === undefined ? defaultTarget(profile) : { kind: 'index', pattern: index };
}

async function writeObjects(path: string, ndjson: string): Promise<void> {
  try {
    await writeFile(path, ndjson);
  } catch (cause) {
    throw writeFault(path, cause);
  }
}

/** The dashboards at an address, with the output's credentials and authorities. */
async function serverAt(url: string, output: OutputConfig, configDir: string, access: SearchAccess) {
  if (!URL.canParse(url) || !/^https?:$/.test(new URL(url).protocol))
    throw new TrilogError('USAGE', '--dashboards-url is an address such as https://dashboards.example.net:5601');
  const { ca_file: file } = outputKeys.parse(output.config);
  return {
    url: new URL(url),
    headers: access.headers(output.config),
    ca: file === undefined ? null : await authorities(resolve(configDir, file)),
  };
}

async function authorities(file: string): Promise<string> {
  try {
    return await readFile(file, 'utf8');
  } catch (cause) {
    throw new TrilogError('CONNECT_FAILED', `ca_file: ${cause instanceof Error ? cause.message : String(cause)}`, { cause });
  }
}

/** Results go to standard output, questions beside them. */
const terminal: Operator = {
  show: (text) => {
    process.stdout.write(text);
  },
  agrees: async (question) => {
    const asking = createInterface({ input: process.stdin, output: process.stderr });
    // Whoever ends the input has not agreed.
    const ended = once(asking, 'close').then(() => '');
    const answer = await Promise.race([asking.question(`${question} [y/N] `), ended]);
    asking.close();
    return /^y(es)?$/i.test(answer.trim());
  },
};

import { once } from 'node:events';
import { TrilogError } from '../errors.js';
import { harmless } from '../record/profiles/pretty.js';
import { LEVELS } from '../record/record.js';
import type { TapNote } from '../telemetry/tap/note.js';
import { DEFAULT_RATE, MAX_COUNT, MAX_RATE, TAP_STAGES } from '../telemetry/tap/request.js';
import type { CommandBody } from './lazy-command.js';
import { openTap } from './tap-stream.js';
import { harmlessJson, recordText, summaryText } from './tap-text.js';
import { endWithReader } from './writing.js';

interface Options {
  readonly url: string;
  readonly label: readonly string[] | undefined;
  readonly level: string | undefined;
  readonly stage: string | undefined;
  readonly input: string | undefined;
  readonly service: string | undefined;
  readonly rate: number;
  readonly count: number | undefined;
  readonly json: boolean;
}

export const tap: CommandBody<Options> = {
  builder: (yargs) =>
    yargs
      .option('url', { type: 'string', default: 'http://127.0.0.1:9598', describe: "the agent's `telemetry.listen`, as a URL" })
      .option('label', { type: 'string', array: true, nargs: 1, describe: 'glob on labels, such as *.failure; may be repeated' })
      .option('level', { choices: LEVELS, describe: 'least severity' })
      .option('stage', { choices: TAP_STAGES, describe: 'stage that gave the label' })
      .option('input', { type: 'string', requiresArg: true, describe: 'name of an input of the agent' })
      .option('service', { type: 'string', requiresArg: true, describe: 'service, as a name or a glob such as nova-*' })
      .option('rate', { type: 'number', default: DEFAULT_RATE, describe: `records a second, at most; up to ${MAX_RATE}` })
      .option('count', { type: 'number', describe: 'ends after so many records' })
      .option('json', { type: 'boolean', default: false, describe: 'documents (ECS) as lines of JSON in place of readable lines' })
      .check(({ url, rate, count }) => {
        if (!URL.canParse(url) || !/^https?:/.test(url)) throw new Error('--url: a URL, such as http://127.0.0.1:9598');
        if (!isWhole(rate, MAX_RATE)) throw new Error(`--rate: records a second, from 1 to ${MAX_RATE}`);
        if (count !== undefined && !isWhole(count, MAX_COUNT)) throw new Error(`--count: a number from 1 to ${MAX_COUNT}`);
        return true;
      }),
  handler: async (options) => {
    endWithReader();
    const stopping = new AbortController();
    process.once('SIGINT', () => stopping.abort()).once('SIGTERM', () => stopping.abort());
    try {
      await show(options, stopping.signal);
    } catch (error) {
      if (!stopping.signal.aborted) throw error;
    }
  },
};

/** Until the agent or the user ends it. What is not a record goes to standard error. */
async function show(options: Options, signal: AbortSignal): Promise<void> {
  const { url, rate, json } = options;
  const lines = await openTap(url, queryOf(options), signal);
  process.stderr.write(`records of ${harmless(url)}, at most ${rate} a second\n`);
  const color = process.stdout.isTTY === true && process.env['NO_COLOR'] === undefined;
  let shown = 0;
  let last: TapNote | null = null;
  try {
    for await (const line of lines) {
      if (line.kind === 'note') {
        last = line.note;
        continue;
      }
      shown++;
      const text = json ? harmlessJson(line.json) : recordText(line.document, color);
      if (!process.stdout.write(`${text}\n`)) await once(process.stdout, 'drain', { signal });
    }
  } finally {
    process.stderr.write(`${summaryText(shown, last)}\n`);
  }
  if (last?.end === 'agent') throw new TrilogError('AGENT_ENDED', `${url}: the agent ends`);
}

function queryOf({ label, level, stage, input, service, rate, count }: Options): URLSearchParams {
  const query = new URLSearchParams({ rate: String(rate) });
  for (const glob of label ?? []) query.append('label', glob);
  for (const [key, value] of Object.entries({ level, stage, input, service })) if (value !== undefined) query.set(key, value);
  if (count !== undefined) query.set('count', String(count));
  return query;
}

function isWhole(value: number, most: number): boolean {
  return Number.isInteger(value) && value >= 1 && value <= most;
}

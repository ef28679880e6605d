import { statSync } from 'node:fs';
import { hostname } from 'node:os';
import type { Argv } from 'yargs';
import { DECODER_NAMES } from '../record/decode.js';
import type { LogRecord } from '../record/record.js';
import { isTimezone } from '../record/timezone.js';
import { Tally } from '../telemetry/tally.js';
import { progressBar } from './progress-bar.js';
import { readRecords } from './reading.js';
import { summary } from './summary.js';
import { type RecordFormat, RecordWriter, refuseInputAsOutput } from './writing.js';

/** What `parse` and `classify` have in common on the command line. */
export interface RecordArguments {
  files: string[];
  format: RecordFormat;
  output: string | null;
  quiet: boolean;
  timezone: string;
  decoder: string;
  host: string;
}

export function recordOptions<T>(yargs: Argv<T>) {
  return yargs
    .positional('files', {
      type: 'string',
      array: true,
      default: ['-'],
      describe: 'raw logs (also .gz) or results of `trilog parse`; - is standard input',
    })
    .option('format', { alias: 'f', choices: ['ndjson', 'csv'] as const, default: 'ndjson' as RecordFormat, describe: 'what to write' })
    .option('output', { alias: 'o', type: 'string', default: null as string | null, describe: 'file to write in place of standard output' })
    .option('quiet', { alias: 'q', type: 'boolean', default: false, describe: 'no progress bar and no summary on standard error' })
    .option('timezone', { type: 'string', default: 'Etc/UTC', describe: 'IANA zone of timestamps that name none' })
    .option('decoder', {
      choices: DECODER_NAMES,
      default: 'auto',
      describe: 'text form of the lines, where it is not to be recognised by line',
    })
    .option('host', {
      type: 'string',
      default: hostname(),
      defaultDescription: "this machine's name",
      describe: 'host of records that name none',
    })
    .check(({ timezone }) => requireTimezone(timezone));
}

/** For yargs: a zone that nobody knows would silently count as UTC. */
export function requireTimezone(name: string): true {
  if (!isTimezone(name)) throw new Error(`unknown time zone ${name}; it is an IANA name such as Europe/Berlin`);
  return true;
}

/** Reads records, lets `act` work on them, and writes each: one out per record in, in order. */
export async function throughRecords(
  args: RecordArguments,
  act: (records: LogRecord[]) => Promise<void> | undefined,
  tally = new Tally(),
): Promise<void> {
  if (args.output !== null) refuseInputAsOutput(args.files, args.output);
  const writer = new RecordWriter(args.format, args.output);
  const bar = args.quiet ? null : progressBar(sizeOf(args.files), 'bytes');
  const started = performance.now();
  try {
    for (const file of args.files) {
      const options = {
        host: args.host,
        timezone: args.timezone,
        format: args.decoder,
        progress: (bytes: number) => bar?.increment(bytes),
      };
      for await (const records of readRecords(file, options)) {
        await act(records);
        tally.add(records);
        await writer.write(records);
      }
    }
    await writer.close();
  } catch (cause) {
    if ((cause as NodeJS.ErrnoException).code === 'EPIPE') return;
    throw cause;
  } finally {
    bar?.stop();
  }
  if (!args.quiet) process.stderr.write(`${summary(tally, (performance.now() - started) / 1000)}\n`);
}

function sizeOf(files: readonly string[]): number {
  return files.reduce((bytes, file) => bytes + (file === '-' ? 0 : (statSync(file, { throwIfNoEntry: false })?.size ?? 0)), 0);
}

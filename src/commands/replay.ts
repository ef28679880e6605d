import { mkdir, mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { SingleBar } from 'cli-progress';
import { type AgentConfig, loadConfig, type OutputConfig } from '../config/load.js';
import { TrilogError } from '../errors.js';
import { started } from '../pipeline/component-contexts.js';
import { DataDir } from '../pipeline/data-dir.js';
import { ProcessLock } from '../pipeline/process-lock.js';
import type { ComponentContext } from '../plugin/contract.js';
import { harmless } from '../record/profiles/pretty.js';
import { LetterRecords } from '../replay/letter.js';
import { Replay, type ReplayEvents } from '../replay/replay.js';
import { Sending } from '../replay/sending.js';
import type { Survey } from '../replay/survey.js';
import { commandLog } from './command-log.js';
import type { CommandBody } from './lazy-command.js';
import { progressBar } from './progress-bar.js';
import { dryRunReport, replaySummary } from './replay-report.js';

interface ReplayArguments {
  files: string[];
  config: string;
  output: string[];
  reason: string[];
  label: string[];
  to: string | undefined;
  'dry-run': boolean;
  remove: boolean;
  again: boolean;
  quiet: boolean;
}

/** Some of the letters were refused again: EX_DATAERR of sysexits.h. */
const REFUSED_STATUS = 65;
/** As shells have it, 128 and the signal's number. */
const INTERRUPTED_STATUS = { SIGINT: 130, SIGTERM: 143 } as const;

export const replay: CommandBody<ReplayArguments> = {
  builder: (yargs) =>
    yargs
      .positional('files', {
        type: 'string',
        array: true,
        default: [] as string[],
        describe: "files of dead letters; all of the configuration's data_dir, oldest first, where there are none",
      })
      .option('config', { alias: 'c', type: 'string', demandOption: true, requiresArg: true, describe: "the agent's configuration file" })
      .option('output', list('only what this output refused'))
      .option('reason', list('only what was refused with these words in the reason, in any case'))
      .option('label', list('only records with such a label, a glob'))
      .option('to', { type: 'string', requiresArg: true, describe: 'the output to send to, in place of the one that refused' })
      .option('dry-run', { type: 'boolean', default: false, describe: 'only say what would be sent' })
      .option('remove', {
        type: 'boolean',
        default: false,
        describe:
          'afterwards remove files of the data_dir of which every letter has been sent; the one being written only while no agent runs',
      })
      .option('again', { type: 'boolean', default: false, describe: 'also what an earlier replay has sent' })
      .option('quiet', { alias: 'q', type: 'boolean', default: false, describe: 'no progress bar and no summary on standard error' }),
  handler: async (args) => {
    const config = await loadConfig(args.config);
    if (args.to !== undefined) outputNamed(config, args.to);
    const interrupted = new AbortController();
    const stop = (signal: 'SIGINT' | 'SIGTERM'): void => {
      process.exitCode = INTERRUPTED_STATUS[signal];
      interrupted.abort(new Error('interrupted'));
    };
    // Once: who asks again does not want to wait for an output that hangs.
    process.once('SIGINT', stop).once('SIGTERM', stop);
    // Nobody reads standard output any more: what goes there would not arrive.
    process.stdout.on('error', (error: NodeJS.ErrnoException) => {
      if (error.code === 'EPIPE') interrupted.abort(error);
    });
    try {
      if (args['dry-run']) await dryRun(args, config, interrupted.signal);
      else await replayLocked(args, config, interrupted.signal);
    } catch (error) {
      if (!interrupted.signal.aborted) throw error;
      process.stderr.write('interrupted; what is not sent yet is sent by the next replay\n');
    } finally {
      process.off('SIGINT', stop).off('SIGTERM', stop);
    }
  },
};

/** An option that may be given several times, with one value each, so that files may follow it. */
function list(describe: string) {
  return { type: 'string', array: true, nargs: 1, default: [] as string[], describe } as const;
}

function outputNamed(config: AgentConfig, name: string): OutputConfig {
  const found = config.outputs.find((output) => output.name === name);
  if (found !== undefined) return found;
  const names = config.outputs.map((output) => output.name).join(', ');
  throw new TrilogError('USAGE', `there is no output ${JSON.stringify(harmless(name))}; there are ${names}`);
}

async function dryRun(args: ReplayArguments, config: AgentConfig, signal: AbortSignal): Promise<void> {
  const { survey } = await looked(args, config, signal);
  process.stdout.write(`${dryRunReport(survey)}\n`);
}

/** Looks through the letters, with a bar. */
async function looked(args: ReplayArguments, config: AgentConfig, signal: AbortSignal) {
  let bar: SingleBar | null = null;
  let warned = false;
  const events: ReplayEvents = {
    surveyed: (bytes) => bar?.increment(bytes),
    sent: (letters) => bar?.increment(letters),
    unremembered: (error) => {
      if (!warned)
        commandLog.warn('what was sent cannot be remembered, and a repeat would send it again', { error: harmless(String(error)) });
      warned = true;
    },
  };
  const { files, output, reason, label, to, again, remove } = args;
  const request = { files, outputs: output, reasons: reason, labels: label, to: to ?? null, again, remove };
  const replay = await Replay.begin(config, request, events, signal);
  const begin = (total: number, unit: string): void => {
    bar?.stop();
    bar = args.quiet ? null : progressBar(total, unit);
  };
  const end = (): void => {
    bar?.stop();
    bar = null;
  };
  begin(
    replay.files.reduce((sum, { bytes }) => sum + bytes, 0),
    'bytes',
  );
  try {
    return { replay, survey: await replay.survey(), bar: { begin, end } };
  } finally {
    end();
  }
}

/** With nobody else at it: two replays would send the same letters. */
async function replayLocked(args: ReplayArguments, config: AgentConfig, signal: AbortSignal): Promise<void> {
  const refusal = (holder: number) => new TrilogError('REPLAY_RUNNING', `${config.dataDir} is being replayed by process ${holder}`);
  let lock: ProcessLock;
  try {
    await mkdir(config.dataDir, { recursive: true, mode: 0o750 });
    lock = await ProcessLock.take(join(config.dataDir, 'replay.pid'), refusal);
  } catch (cause) {
    if (cause instanceof TrilogError) throw cause;
    throw new TrilogError('DATA_DIR_UNUSABLE', `${config.dataDir}: ${cause instanceof Error ? cause.message : String(cause)}`, { cause });
  }
  try {
    const { replay, survey, bar } = await looked(args, config, signal);
    try {
      bar.begin(
        [...survey.waiting.values()].reduce((sum, letters) => sum + letters, 0),
        'letters',
      );
      await withOutputs(targets(args, config, survey), config, signal, (sendings, held) => replay.send(sendings, held));
    } finally {
      await replay.close();
      bar.end();
      if (!args.quiet) process.stderr.write(`${replaySummary(survey, replay.tally, replay.files.length)}\n`);
    }
    if (replay.tally.refused.size > 0) process.exitCode = REFUSED_STATUS;
  } finally {
    await lock.release();
  }
}

/** The outputs to which something goes. */
function targets({ to }: ReplayArguments, config: AgentConfig, { waiting }: Survey): OutputConfig[] {
  if (waiting.size === 0) return [];
  return to === undefined ? config.outputs.filter(({ name }) => waiting.has(name)) : [outputNamed(config, to)];
}

/** Opens outputs, with a folder of their own as `trilog check` does, and closes them whatever happens. */
async function withOutputs(
  outputs: readonly OutputConfig[],
  config: AgentConfig,
  signal: AbortSignal,
  act: (sendings: ReadonlyMap<string, Sending>, held: boolean) => Promise<void>,
): Promise<void> {
  const folder = await mkdtemp(join(tmpdir(), 'trilog-replay-'));
  const closing: (() => Promise<void>)[] = [() => rm(folder, { recursive: true, force: true })];
  try {
    // The agent writes to the same place, and each would take the other's half-written end for that of a crash.
    const alone = outputs.some(({ plugin }) => plugin.exclusive === true);
    if (alone) {
      const dataDir = await DataDir.take(config.dataDir);
      closing.push(() => dataDir.release());
    }
    const records = new LetterRecords(config.host);
    const sendings = new Map<string, Sending>();
    for (const { name, plugin, config: keys } of outputs) {
      const output = await started('OUTPUT_FAILED', `output ${name}`, () => plugin.create(keys, contextOf(name, folder, config)));
      closing.push(() => output.close());
      const failed = (error: Error, attempt: number): void =>
        commandLog.warn(`output ${name}: a write failed and will be tried again`, { attempt, error: harmless(error.message) });
      sendings.set(name, new Sending(name, output, records, { signal, failed }));
    }
    await act(sendings, alone);
  } finally {
    for (const close of closing.reverse())
      await close().catch((error: unknown) => commandLog.error('could not close', { error: harmless(String(error)) }));
  }
}

function contextOf(name: string, dataDir: string, { configDir, host }: AgentConfig): ComponentContext {
  return { name, dataDir, configDir, host, ownFiles: () => [], log: commandLog, count: () => {} };
}

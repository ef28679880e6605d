import { setTimeout as sleep } from 'node:timers/promises';
import { TrilogError } from '../errors.js';
import { harmless } from '../record/profiles/pretty.js';
import type { CommandBody } from './lazy-command.js';
import { statusAt } from './top-status.js';
import { drawn, type Look, overwritten, topLines } from './top-text.js';
import { endWithReader } from './writing.js';

interface Options {
  readonly url: string;
  readonly interval: number;
  readonly once: boolean;
}

export const top: CommandBody<Options> = {
  builder: (yargs) =>
    yargs
      .option('url', { type: 'string', default: 'http://127.0.0.1:9598', describe: "the agent's `telemetry.listen`, as a URL" })
      .option('interval', { type: 'number', default: 2, describe: 'seconds between two looks' })
      .option('once', { type: 'boolean', default: false, describe: 'says once how it stands, with rates over one interval, and ends' })
      .check(({ url, interval }) => {
        if (!URL.canParse(url) || !/^https?:/.test(url)) throw new Error('--url: a URL, such as http://127.0.0.1:9598');
        if (!(interval >= 0.1 && interval <= 3600)) throw new Error('--interval: 0.1 to 3600 seconds');
        return true;
      }),
  handler: async ({ url, interval, once }) => {
    endWithReader();
    const stopping = new AbortController();
    process.once('SIGINT', () => stopping.abort()).once('SIGTERM', () => stopping.abort());
    const look = async (): Promise<Look> => ({ status: await statusAt(url, stopping.signal), at: performance.now() });
    const pause = (): Promise<void> => sleep(interval * 1000, undefined, { signal: stopping.signal }).catch(() => undefined);
    try {
      let before = await look();
      if (once || !process.stdout.isTTY) {
        await pause();
        if (!stopping.signal.aborted) process.stdout.write(`${topLines(await look(), before).join('\n')}\n`);
        return;
      }
      process.stdout.write('\x1b[2J');
      show(topLines(before, null));
      for (await pause(); !stopping.signal.aborted; await pause()) {
        const now = await look().catch((error: unknown) => gone(error, stopping.signal));
        if (now === null) continue;
        show(topLines(now, before));
        before = now;
      }
    } catch (error) {
      if (!stopping.signal.aborted) throw error;
    }
  },
};

function show(lines: readonly string[]): void {
  process.stdout.write(drawn(lines, process.stdout.rows, process.stdout.columns));
}

/** An agent may be started again: what it said last stays, below a line that it does not answer. */
function gone(error: unknown, stopping: AbortSignal): null {
  if (!(error instanceof TrilogError)) throw error;
  if (!stopping.aborted) process.stdout.write(overwritten(`does not answer: ${harmless(error.message)}`, process.stdout.columns));
  return null;
}

import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { text } from 'node:stream/consumers';
import type { ExecutionContext } from 'ava';
import { MAIN } from '../../commands/trilog.js';

/** What a command said, and its exit status. */
export interface Ended {
  readonly status: number | null;
  readonly out: string;
  readonly err: string;
}

/** Runs the real command beside the servers of this process. */
export async function trilog(...args: readonly string[]): Promise<Ended> {
  const child = spawn(process.execPath, [MAIN, ...args], { stdio: ['ignore', 'pipe', 'pipe'] });
  const [[status], out, err] = await Promise.all([
    once(child, 'close') as Promise<[number | null]>,
    text(child.stdout),
    text(child.stderr),
  ]);
  return { status, out, err };
}

/** An agent that goes on until {@link stop}, or until the test ends. */
export class RunningAgent {
  readonly #child: ChildProcess;
  #said = '';

  constructor(t: ExecutionContext, config: string) {
    const child = spawn(process.execPath, [MAIN, 'run', '-c', config], { stdio: ['ignore', 'ignore', 'pipe'] });
    child.stderr.setEncoding('utf8').on('data', (more: string) => {
      this.#said += more;
    });
    this.#child = child;
    t.teardown(() => child.kill('SIGKILL'));
  }

  /** Its log so far. */
  get said(): string {
    return this.#said;
  }

  /** In order; the exit status. */
  async stop(): Promise<number | null> {
    const ended = once(this.#child, 'close');
    this.#child.kill('SIGTERM');
    const [status] = (await ended) as [number | null];
    return status;
  }
}

/** A folder that goes with the test. */
export function folderOf(t: ExecutionContext): string {
  const folder = mkdtempSync(join(tmpdir(), 'trilog-services-'));
  t.teardown(() => rmSync(folder, { recursive: true, force: true }));
  return folder;
}

/** Writes a configuration, in YAML's subset JSON; its path. */
export function writeConfig(folder: string, name: string, config: object): string {
  const path = join(folder, `${name}.yaml`);
  writeFileSync(path, JSON.stringify(config));
  return path;
}

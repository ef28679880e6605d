import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import { existsSync, mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as delay } from 'node:timers/promises';
import type { ExecutionContext } from 'ava';
import { MAIN } from '../../../commands/trilog.js';

/** A record as the file output wrote it, as far as these tests look. */
export interface Written {
  readonly '@timestamp': string;
  readonly message: string;
  readonly event: { readonly id: string };
  readonly log: { readonly level?: string; readonly file: { readonly path: string } };
  readonly host: { readonly name: string };
  readonly service?: { readonly name: string };
  readonly error?: { readonly type: string; readonly stack_trace: string };
  readonly openstack?: { readonly extra?: Readonly<Record<string, unknown>> };
  readonly trilog: { readonly format: string; readonly truncated?: boolean; readonly label: string; readonly stage: string };
}

/** A folder that goes with the test. */
export function folderOf(t: ExecutionContext): string {
  const folder = mkdtempSync(join(tmpdir(), 'trilog-kafka-in-'));
  t.teardown(() => rmSync(folder, { recursive: true, force: true }));
  return folder;
}

/** A real agent, Kafka to files or to where `output` says: whatever becomes of it, its output stays. */
export class AgentProcess {
  #child: ChildProcess | null = null;
  said = '';
  readonly #config: string;
  readonly #out: string;

  constructor(
    readonly t: ExecutionContext,
    readonly name: string,
    folder: string,
    input: Readonly<Record<string, unknown>>,
    output: Readonly<Record<string, unknown>> = {},
    pipeline: Readonly<Record<string, unknown>> = {},
    classify: Readonly<Record<string, unknown>> = { bert: false },
    /** Further keys of the configuration. */
    further: Readonly<Record<string, unknown>> = {},
  ) {
    this.#config = join(folder, `${name}.yaml`);
    this.#out = `${name}.ndjson`;
    const config = {
      ...further,
      data_dir: join(folder, `${name}.data`),
      pipeline: { multiline_pause_ms: 50, stop_timeout_ms: 3000, ...pipeline },
      inputs: { in: { type: 'kafka', read_from: 'beginning', ...input } },
      classify,
      outputs: { out: 'type' in output ? output : { type: 'file', path: join(folder, this.#out), rotate_bytes: 0, ...output } },
    };
    writeFileSync(this.#config, JSON.stringify(config));
    this.folder = folder;
  }

  readonly folder: string;

  start(): void {
    const child = spawn(process.execPath, [MAIN, 'run', '-c', this.#config], { stdio: ['ignore', 'ignore', 'pipe'] });
    child.stderr?.setEncoding('utf8').on('data', (more: string) => {
      this.said += more;
    });
    this.t.teardown(() => child.kill('SIGKILL'));
    this.#child = child;
  }

  /** Of the process that runs, or ran last. */
  get pid(): number {
    return this.#child?.pid ?? 0;
  }

  /** What it counted, as it said at its last end. */
  get counts(): Readonly<Record<string, number>> {
    const last = this.said.split('\n').findLast((line) => line.includes('"stopped"'));
    return last === undefined ? {} : (JSON.parse(last) as { counts: Record<string, number> }).counts;
  }

  /** Resolves with the exit status when it ends by itself. */
  async ended(): Promise<number | null> {
    const child = this.#child;
    if (child === null || child.exitCode !== null) return child?.exitCode ?? null;
    const [status] = (await once(child, 'close')) as [number | null];
    return status;
  }

  /** Asks it to end, or kills it; the exit status. */
  async stop(signal: NodeJS.Signals = 'SIGTERM'): Promise<number | null> {
    const ended = this.ended();
    this.#child?.kill(signal);
    return await ended;
  }

  signal(signal: NodeJS.Signals): void {
    this.#child?.kill(signal);
  }

  /** Whole documents, in the order in which they were written. A kill leaves the last torn. */
  written(): Written[] {
    const path = join(this.folder, this.#out);
    if (!existsSync(path)) return [];
    const lines = readFileSync(path, 'utf8').split('\n').slice(0, -1);
    return lines.flatMap((line) => {
      try {
        return [JSON.parse(line) as Written];
      } catch {
        return [];
      }
    });
  }

  get files(): string[] {
    return readdirSync(this.folder);
  }
}

/** Resolves when it is so. @throws after a minute or the given time, with the text. */
export async function until(so: () => boolean | Promise<boolean>, what: string | (() => string), ms = 60_000): Promise<void> {
  const deadline = performance.now() + ms;
  while (!(await so())) {
    if (performance.now() > deadline) throw new Error(`not in time: ${typeof what === 'string' ? what : what()}`);
    await delay(50);
  }
}

import { type ChildProcess, fork } from 'node:child_process';
import { join } from 'node:path';
import type { ExecutionContext } from 'ava';
import { PACKAGE_ROOT } from '../../../../src/paths.js';
import type { Rejection } from '../../../../src/plugin/contract.js';
import type { LogRecord } from '../../../../src/record/record.js';

/** The fields of a record that a test gives. */
export type Fields = Partial<
  Pick<LogRecord, 'message' | 'label' | 'stage' | 'level' | 'program' | 'host' | 'timestamp' | 'fields' | 'givenId'>
>;

type Command =
  | { readonly kind: 'open'; readonly keys: Readonly<Record<string, unknown>> }
  | { readonly kind: 'write'; readonly records: readonly Fields[] }
  | { readonly kind: 'check' | 'told' | 'counts' | 'give_up' | 'close' };

export type Order = Command & { readonly id: number };
export type Answer = { readonly id: number; readonly value: unknown } | { readonly id: number; readonly error: string };

const CODE = join(PACKAGE_ROOT, 'dist', 'test', 'plugins', 'outputs', 'kafka', 'output-process.js');

/** The output in a process of its own, since node-rdkafka cannot be loaded in a worker thread, which a test is. */
export class OutputDriver {
  readonly #child: ChildProcess;
  #last = 0;

  constructor(t: ExecutionContext) {
    this.#child = fork(CODE, { stdio: ['ignore', 'ignore', 'inherit', 'ipc'] });
    t.teardown(() => this.#child.kill('SIGKILL'));
  }

  open(keys: Readonly<Record<string, unknown>>): Promise<unknown> {
    return this.#ask({ kind: 'open', keys });
  }

  /** As an agent writes: in batches, several at once, each tried until it works. */
  async write(records: readonly Fields[]): Promise<{ readonly rejections: readonly Rejection[]; readonly failures: readonly string[] }> {
    return (await this.#ask({ kind: 'write', records })) as { rejections: Rejection[]; failures: string[] };
  }

  check(): Promise<unknown> {
    return this.#ask({ kind: 'check' });
  }

  /** What the log was told. */
  async told(): Promise<readonly string[]> {
    return (await this.#ask({ kind: 'told' })) as string[];
  }

  async counts(): Promise<Readonly<Record<string, number>>> {
    return (await this.#ask({ kind: 'counts' })) as Record<string, number>;
  }

  giveUp(): Promise<unknown> {
    return this.#ask({ kind: 'give_up' });
  }

  close(): Promise<unknown> {
    return this.#ask({ kind: 'close' });
  }

  #ask(command: Command): Promise<unknown> {
    const id = ++this.#last;
    return new Promise((resolve, reject) => {
      const ended = (): void => reject(new Error('the process of the output has ended'));
      const hear = (answer: Answer): void => {
        if (answer.id !== id) return;
        this.#child.off('message', hear).off('exit', ended);
        if ('error' in answer) reject(new Error(answer.error));
        else resolve(answer.value);
      };
      this.#child.on('message', hear).on('exit', ended);
      this.#child.send({ id, ...command });
    });
  }
}

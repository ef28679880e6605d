import { type ChildProcess, fork } from 'node:child_process';
import { once } from 'node:events';
import { join } from 'node:path';
import type { ExecutionContext } from 'ava';
import { PACKAGE_ROOT } from '../../../../src/paths.js';

/** A message to be written. The value is one of bytes: each character is one. */
export interface Letter {
  readonly partition: number;
  readonly value: string | null;
  readonly key?: string;
  readonly headers?: Readonly<Record<string, string>>;
}

/** What the process is asked for. */
export interface Order {
  readonly id: number;
  readonly topic: string;
  readonly messages: readonly Letter[];
}

/** What it says. */
export type Told = { readonly bootstrap: string } | { readonly id: number; readonly error: string };

const CODE = join(PACKAGE_ROOT, 'dist', 'test', 'plugins', 'inputs', 'kafka', 'producer-process.js');

/** Writes to a broker, or to one that it imitates and that lives as long as it. */
export class Producing {
  readonly #child: ChildProcess;
  #last = 0;
  #turn: Promise<void> = Promise.resolve();

  private constructor(
    child: ChildProcess,
    /** `host:port` */
    readonly bootstrap: string,
  ) {
    this.#child = child;
  }

  /** @param bootstrap of a real broker; empty for an imitated one */
  static async start(t: ExecutionContext, bootstrap = ''): Promise<Producing> {
    const child = fork(CODE, [bootstrap], { stdio: ['ignore', 'ignore', 'inherit', 'ipc'] });
    t.teardown(() => child.kill('SIGKILL'));
    const [told] = (await once(child, 'message')) as [{ bootstrap: string }];
    return new Producing(child, bootstrap === '' ? told.bootstrap : bootstrap);
  }

  /** Resolves when all are acknowledged. One order after the other, as the process takes them. */
  produce(topic: string, messages: readonly Letter[]): Promise<void> {
    const done = this.#turn.then(() => this.#order(topic, messages));
    this.#turn = done.catch(() => {});
    return done;
  }

  async #order(topic: string, messages: readonly Letter[]): Promise<void> {
    const id = ++this.#last;
    const answered = new Promise<string>((resolve) => {
      const hear = (told: { id: number; error: string }): void => {
        if (told.id !== id) return;
        this.#child.off('message', hear);
        resolve(told.error);
      };
      this.#child.on('message', hear);
    });
    this.#child.send({ id, topic, messages } satisfies Order);
    const error = await answered;
    if (error !== '') throw new Error(error);
  }
}

import { type ChildProcessByStdio, spawn } from 'node:child_process';
import type { Readable } from 'node:stream';
import { environment } from './journalctl.js';

const STDERR_KEPT = 1000;

/** A journalctl that follows the journal. */
export class Follower {
  readonly #child: ChildProcessByStdio<null, Readable, Readable>;
  readonly #ended: Promise<string>;
  #said = '';

  constructor(journalctl: string, args: readonly string[]) {
    this.#child = spawn(journalctl, args, { env: environment(), stdio: ['ignore', 'pipe', 'pipe'] });
    this.#child.stderr.setEncoding('utf8').on('data', (text: string) => {
      this.#said = `${this.#said}${text}`.slice(-STDERR_KEPT);
    });
    this.#ended = new Promise((resolve) => {
      this.#child.once('error', (error) => resolve(error.message));
      this.#child.once('exit', (code, signal) => resolve(signal === null ? `exit status ${code}` : `ended by ${signal}`));
    });
  }

  /** Entries, as journalctl writes them. */
  get stdout(): Readable {
    return this.#child.stdout;
  }

  /** Process id; undefined where it could not be started. */
  get pid(): number | undefined {
    return this.#child.pid;
  }

  /** Why it ended, when it has. */
  async end(): Promise<string> {
    const how = await this.#ended;
    const said = this.#said.trim();
    return said === '' ? how : `${how}: ${said}`;
  }

  /** Ends it. It has nothing to put in order, and may be waiting for a reader of its pipe. */
  async kill(): Promise<void> {
    this.#child.kill('SIGKILL');
    await this.#ended;
    this.#child.stdout.destroy();
    this.#child.stderr.destroy();
  }
}

import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import { join } from 'node:path';
import type { ExecutionContext } from 'ava';
import { PACKAGE_ROOT } from '../../../src/paths.js';
import { MAIN } from '../../commands/trilog.js';

/** The real command with the configuration of examples/syslog.yaml; its paths come from the environment. It ends with the test. */
export class FollowingAgent {
  #running: ChildProcess | null = null;
  #said = '';

  constructor(
    t: ExecutionContext,
    readonly folder: string,
  ) {
    t.teardown(() => this.end('SIGKILL'));
  }

  start(): void {
    const { folder } = this;
    const env = { ...process.env, TRILOG_DATA: join(folder, 'data'), SYSLOG_DIR: join(folder, 'syslog'), OUT_DIR: join(folder, 'out') };
    const args = [MAIN, 'run', '-c', join(PACKAGE_ROOT, 'examples', 'syslog.yaml')];
    const agent = spawn(process.execPath, args, { env, stdio: ['ignore', 'ignore', 'pipe'] });
    agent.stderr.setEncoding('utf8').on('data', (more: string) => {
      this.#said += more;
    });
    this.#running = agent;
  }

  /** @throws with its log, where it has ended by itself. */
  get isRunning(): boolean {
    const agent = this.#running;
    if (agent !== null && agent.exitCode !== null) throw new Error(`the agent has ended: ${this.#said}`);
    return agent !== null;
  }

  /** Ends it and waits until it is gone; its exit status. */
  async end(signal: 'SIGKILL' | 'SIGTERM'): Promise<number | null> {
    const agent = this.#running;
    this.#running = null;
    if (agent === null) return null;
    if (agent.exitCode === null && agent.signalCode === null) {
      const ended = once(agent, 'exit');
      agent.kill(signal);
      await ended;
    }
    return agent.exitCode;
  }
}

import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { text } from 'node:stream/consumers';
import type { ComponentLog } from '../../plugin/contract.js';

/** Assignments of one message, as sd_notify(3) has them. A value is one line. */
export type Message = Readonly<Record<string, string>>;

/** So long may one message take, in milliseconds: systemd answers at once, or is being started again itself. */
const SEND_MS = 10_000;

/**
 * Tells the service manager by systemd's own program `systemd-notify`, one message after the other. Node.js has no unix datagram sockets, which the
 * manager listens on; packaging/systemd/README.md says why it is done this way. The program waits until the manager has read the message, so that the
 * process is still there when the manager looks whose it is.
 */
export class Notifier {
  #last: Promise<void> = Promise.resolve();

  constructor(
    readonly log: ComponentLog,
    readonly program = 'systemd-notify',
  ) {}

  /** Resolves when the message has been read, or is given up. Never rejects: an agent does not end because nobody listens. */
  send(message: Message): Promise<void> {
    const sent = this.#last.then(() => this.#run(message)).catch((error: unknown) => this.#failed(error));
    this.#last = sent;
    return sent;
  }

  async #run(message: Message): Promise<void> {
    const words = Object.entries(message).map(([name, value]) => `${name}=${value.replaceAll('\n', ' ')}`);
    const child = spawn(this.program, words, { stdio: ['ignore', 'ignore', 'pipe'], timeout: SEND_MS, killSignal: 'SIGKILL' });
    const [[status, signal], said] = await Promise.all([once(child, 'close'), text(child.stderr)]);
    if (status !== 0) throw new Error(`${this.program} ended with ${status ?? signal}: ${said.trim()}`);
  }

  #failed(error: unknown): void {
    this.log.warn('systemd could not be told', { reason: error instanceof Error ? error.message : String(error) });
  }
}

import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import { readdirSync, readFileSync, writeFileSync } from 'node:fs';
import { connect } from 'node:net';
import { join } from 'node:path';
import type { ExecutionContext } from 'ava';
import { PACKAGE_ROOT } from '../../../src/paths.js';
import { freePorts } from '../kafka/free-ports.js';

const EXAMPLES = join(PACKAGE_ROOT, 'examples');

/** Where a daemon of a test listens, and where its files are. */
export interface Place {
  readonly folder: string;
  /** On 127.0.0.1: octet-counted frames, and datagrams. */
  readonly tcp: number;
  readonly udp: number;
  /** The drop-in, with the test's paths in it. */
  readonly dropIn: string;
}

export interface Command {
  readonly program: string;
  readonly args: readonly string[];
  readonly env: NodeJS.ProcessEnv;
}

/** What a syslog daemon is to a test. */
export interface DaemonKind {
  /** Its folder in examples/. */
  readonly name: 'rsyslog' | 'syslog-ng';
  /** The drop-ins: one that writes files, one that starts trilog. */
  readonly files: string;
  readonly child: string;
  /** A configuration as a distribution's, without rules of its own, that includes the drop-in. */
  main(place: Place): string;
  /** How the daemon is started in the foreground with this configuration. */
  command(config: string, place: Place): Promise<Command>;
  /** How it is asked whether a file is a configuration; status 0 says yes. */
  asked(config: string, folder: string): Promise<Command>;
}

/** The drop-in as it is in examples/, with some of its text replaced; each must be there. */
export function dropIn(kind: DaemonKind, file: string, replaced: Readonly<Record<string, string>>): string {
  let text = readFileSync(join(EXAMPLES, kind.name, file), 'utf8');
  for (const [from, to] of Object.entries(replaced)) {
    if (!text.includes(from)) throw new Error(`${file} has no ${from}`);
    text = text.replaceAll(from, to);
  }
  return text;
}

/** A real syslog daemon, which can be killed and started again in its place. It ends with the test. */
export class SyslogDaemon {
  #running: ChildProcess | null = null;
  #said = '';

  private constructor(
    readonly kind: DaemonKind,
    readonly place: Place,
  ) {}

  static async start(t: ExecutionContext, kind: DaemonKind, folder: string, dropInText: string): Promise<SyslogDaemon> {
    const [tcp = 0, udp = 0] = await freePorts(2);
    const daemon = new SyslogDaemon(kind, { folder, tcp, udp, dropIn: join(folder, 'drop-in.conf') });
    writeFileSync(daemon.place.dropIn, dropInText);
    writeFileSync(daemon.#config, kind.main(daemon.place));
    t.teardown(async () => {
      const { children } = daemon;
      await daemon.end('SIGKILL');
      for (const child of children) endChild(child);
    });
    await daemon.start();
    return daemon;
  }

  get #config(): string {
    return join(this.place.folder, 'main.conf');
  }

  /** Starts it, and waits until it takes connections. */
  async start(): Promise<void> {
    const { program, args, env } = await this.kind.command(this.#config, this.place);
    const daemon = spawn(program, args, { env: { ...process.env, ...env }, stdio: ['ignore', 'pipe', 'pipe'] });
    for (const stream of [daemon.stdout, daemon.stderr])
      stream.setEncoding('utf8').on('data', (more: string) => {
        this.#said += more;
      });
    this.#running = daemon;
    while (!(await this.#listens())) {
      if (daemon.exitCode !== null || daemon.signalCode !== null) throw new Error(`${program} has ended: ${this.#said}`);
      await new Promise((resolve) => setTimeout(resolve, 20));
    }
  }

  /** Ends it and waits until it is gone. */
  async end(signal: 'SIGKILL' | 'SIGTERM'): Promise<void> {
    const daemon = this.#running;
    this.#running = null;
    if (daemon === null || daemon.exitCode !== null || daemon.signalCode !== null) return;
    const ended = once(daemon, 'exit');
    daemon.kill(signal);
    await ended;
  }

  get pid(): number {
    return this.#running?.pid ?? 0;
  }

  /** Process ids of what it has started, and that runs. */
  get children(): number[] {
    const { pid } = this;
    if (pid === 0) return [];
    try {
      // A worker's children are those of its own task.
      return readdirSync(`/proc/${pid}/task`)
        .flatMap((task) => readFileSync(`/proc/${pid}/task/${task}/children`, 'utf8').split(' '))
        .map(Number)
        .filter((child) => child > 0);
    } catch {
      return [];
    }
  }

  async #listens(): Promise<boolean> {
    const socket = connect(this.place.tcp, '127.0.0.1');
    try {
      await once(socket, 'connect');
      return true;
    } catch {
      return false;
    } finally {
      socket.destroy();
    }
  }
}

function endChild(pid: number): void {
  try {
    process.kill(pid, 'SIGKILL');
  } catch {
    // It has ended by itself.
  }
}

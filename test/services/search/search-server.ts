import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdirSync, mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { createInterface } from 'node:readline';
import { setTimeout as pause } from 'node:timers/promises';
import type { Engine } from '../../../plugins/outputs/search/client.js';
import { type Installation, installation } from './installation.js';

const START_MS = 180_000;
const STOP_MS = 30_000;
/** Of what the server says, the last is kept for a message. */
const KEPT = 8000;

export interface SearchServerOptions {
  /** By default OpenSearch. What each can do is in the README. */
  readonly engine?: Engine;
  /** Where its data are; made where it is not there. By default a temporary folder, which {@link SearchServer.stop} removes. */
  readonly folder?: string;
  /** By default a free one. */
  readonly port?: number;
  /** The most that its heap may take; by default 1024. */
  readonly heapMegabytes?: number;
  /** More of its settings, such as `action.auto_create_index`. */
  readonly settings?: Readonly<Record<string, string>>;
}

/**
 * A real search server of one node on the loopback, without TLS and without authentication. It ends with {@link stop}, and with this process
 * whatever that dies of. The port and the folder stay the same over {@link kill}, {@link start} and {@link restart}.
 */
export class SearchServer {
  readonly engine: Engine;
  readonly version: string;
  readonly folder: string;
  #child: ChildProcess | null = null;
  #port: number;
  #said = '';

  private constructor(
    private readonly installed: Installation,
    private readonly options: SearchServerOptions,
  ) {
    this.engine = installed.engine;
    this.version = installed.version;
    this.folder = options.folder ?? mkdtempSync(join(tmpdir(), 'trilog-search-'));
    this.#port = options.port ?? 0;
  }

  /** Resolves when it answers as green or yellow. @throws with the last that it said, where it does not within three minutes. */
  static async start(options: SearchServerOptions = {}): Promise<SearchServer> {
    const server = new SearchServer(await installation(options.engine ?? 'opensearch'), options);
    try {
      await server.start();
    } catch (error) {
      await server.stop();
      throw error;
    }
    return server;
  }

  get port(): number {
    return this.#port;
  }

  /** Without a slash at its end. */
  get url(): string {
    return `http://127.0.0.1:${this.#port}`;
  }

  /** Of the process that runs; undefined where none does. */
  get pid(): number | undefined {
    return this.#child?.pid;
  }

  /** Starts it again after {@link kill}. */
  async start(): Promise<void> {
    if (this.#child !== null) throw new Error('the search server already runs');
    this.#child = this.#spawn();
    const port = await Promise.race([
      listening(this.#child),
      pause(START_MS, null, { ref: false }),
      once(this.#child, 'exit').then(() => null),
    ]);
    if (port === null) throw await this.#failed('did not start');
    this.#port = port;
    const health = await fetch(`${this.url}/_cluster/health?wait_for_status=yellow&timeout=${START_MS / 1000}s`, {
      signal: AbortSignal.timeout(START_MS),
    }).catch(() => null);
    await health?.arrayBuffer();
    if (health?.status !== 200) throw await this.#failed('is not well');
  }

  /** SIGKILL; resolves when it is gone. */
  kill(): Promise<void> {
    return this.#end('SIGKILL');
  }

  /** Ends it properly and starts it again. */
  async restart(): Promise<void> {
    await this.#end('SIGTERM');
    await this.start();
  }

  /** Ends it, and removes its folder where the folder was not given. */
  async stop(): Promise<void> {
    await this.#end(this.options.folder === undefined ? 'SIGKILL' : 'SIGTERM');
    if (this.options.folder === undefined) rmSync(this.folder, { recursive: true, force: true });
  }

  #spawn(): ChildProcess {
    const folder = (name: string) => {
      const path = join(this.folder, name);
      mkdirSync(path, { recursive: true });
      return path;
    };
    const settings = {
      'cluster.name': 'trilog',
      'discovery.type': 'single-node',
      'http.host': '127.0.0.1',
      'http.port': String(this.#port),
      'transport.host': '127.0.0.1',
      'transport.port': '0',
      'path.data': folder('data'),
      'path.logs': folder('logs'),
      // A disk that is nearly full would make every index read-only.
      'cluster.routing.allocation.disk.threshold_enabled': 'false',
      ...this.options.settings,
    };
    const { installed } = this;
    const java = [
      '-Xms256m',
      `-Xmx${this.options.heapMegabytes ?? 1024}m`,
      '-Dlog4j2.level=WARN',
      '-Dlog4j2.disable.jmx=true',
      '-Dlog4j.shutdownHookEnabled=false',
      `-Djava.io.tmpdir=${folder('tmp')}`,
      ...installed.java,
      installed.main,
    ];
    const args = [installed.home, folder('config'), ...Object.entries(settings).map(([key, value]) => `${key}=${value}`)];
    const child = spawn('java', [...java, ...args], { stdio: ['pipe', 'pipe', 'pipe'] });
    const keep = (text: string) => {
      this.#said = (this.#said + text).slice(-KEPT);
    };
    child.stdout.setEncoding('utf8').on('data', keep);
    child.stderr.setEncoding('utf8').on('data', keep);
    child.on('error', (error) => keep(error.message));
    // A pipe that breaks with the process says nothing that its exit does not.
    child.stdin.on('error', () => {});
    return child;
  }

  async #failed(what: string): Promise<Error> {
    await this.kill();
    return new Error(`${this.engine} ${this.version} ${what}: ${this.#said}`);
  }

  async #end(signal: NodeJS.Signals): Promise<void> {
    const child = this.#child;
    this.#child = null;
    if (child === null || child.pid === undefined || child.exitCode !== null || child.signalCode !== null) return;
    const exit = once(child, 'exit');
    child.kill(signal);
    const late = setTimeout(() => child.kill('SIGKILL'), STOP_MS);
    await exit;
    clearTimeout(late);
  }
}

/** The port that it says it listens on; null where it ends without. */
async function listening({ stdout }: ChildProcess): Promise<number | null> {
  if (stdout === null) return null;
  const lines = createInterface({ input: stdout });
  try {
    for await (const line of lines) if (line.startsWith('listening ')) return Number(line.slice('listening '.length));
    return null;
  } finally {
    lines.close();
    // Nobody reads it by lines any more, and a full pipe would stop the server.
    stdout.resume();
  }
}

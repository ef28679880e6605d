import { type ChildProcess, execFile, spawn, spawnSync } from 'node:child_process';
import { once } from 'node:events';
import { existsSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { promisify } from 'node:util';

const DAEMON = '/lib/systemd/systemd-journald';
const run = promisify(execFile);

/** Folders of its own, in memory, in which it finds no journal; then it is the daemon. */
const BEGIN = `
mount --make-rprivate / && mount -t tmpfs tmpfs /run && mount -t tmpfs tmpfs /var/log &&
mkdir -p /run/systemd/journal /run/systemd/journald.conf.d /run/log/journal &&
printf '[Journal]\\nStorage=volatile\\nRateLimitIntervalSec=0\\nReadKMsg=no\\nAudit=no\\nForwardToSyslog=no\\nForwardToWall=no\\nRuntimeMaxFileSize=1M\\n' > /run/systemd/journald.conf.d/test.conf &&
exec setpriv --pdeathsig KILL ${DAEMON}
`;

/** Why no journal can be had here; null where one can. */
export function cannotJournal(): string | null {
  if (process.getuid?.() !== 0) return 'it needs root';
  if (!existsSync(DAEMON)) return 'there is no systemd-journald';
  const { status, stderr } = spawnSync('unshare', ['--mount', 'sh', '-c', 'mount --make-rprivate / && mount -t tmpfs tmpfs /run'], {
    encoding: 'utf8',
  });
  return status === 0 ? null : `no namespaces can be made: ${stderr.trim()}`;
}

/** A real systemd-journald with a journal in memory, that nothing else writes to. */
export class RealJournal {
  private constructor(readonly daemon: ChildProcess) {}

  /** @throws where it does not come up. */
  static async start(): Promise<RealJournal> {
    const daemon = spawn('unshare', ['--mount', 'sh', '-c', BEGIN], { stdio: ['ignore', 'ignore', 'inherit'] });
    const journal = new RealJournal(daemon);
    while (!existsSync(journal.#path('/run/systemd/journal/stdout')) || !existsSync(join(journal.folder, machine(), 'system.journal'))) {
      if (daemon.exitCode !== null) throw new Error(`systemd-journald ended with ${daemon.exitCode}`);
      await new Promise((resolve) => setImmediate(resolve));
    }
    return journal;
  }

  /** The folder of the journal, as seen from here. */
  get folder(): string {
    return this.#path('/run/log/journal');
  }

  /** Writes lines as a program's standard output does. */
  async print(identifier: string, lines: readonly string[]): Promise<void> {
    const writer = this.#inside('systemd-cat', ['--identifier', identifier, 'cat']);
    writer.stdin?.end(`${lines.join('\n')}\n`);
    const [status] = await once(writer, 'exit');
    if (status !== 0) throw new Error(`systemd-cat ended with ${status}`);
  }

  /** Writes one entry with these fields, as the journal's own protocol has it. */
  async send(fields: Readonly<Record<string, string>>): Promise<void> {
    const writer = this.#inside('logger', ['--journald']);
    writer.stdin?.end(
      Object.entries(fields)
        .flatMap(([name, value]) => value.split('\n').map((line) => `${name}=${line}\n`))
        .join(''),
    );
    const [status] = await once(writer, 'exit');
    if (status !== 0) throw new Error(`logger ended with ${status}`);
  }

  /** Archives the active journal file and begins another. */
  async rotate(): Promise<void> {
    await run('nsenter', ['--target', String(this.daemon.pid), '--mount', 'journalctl', '--rotate']);
  }

  /** Removes all archived files. */
  async vacuum(): Promise<void> {
    await run('nsenter', ['--target', String(this.daemon.pid), '--mount', 'journalctl', '--rotate', '--vacuum-files=1']);
  }

  async stop(): Promise<void> {
    if (this.daemon.exitCode !== null || this.daemon.signalCode !== null) return;
    const ended = once(this.daemon, 'exit');
    this.daemon.kill('SIGKILL');
    await ended;
  }

  #path(file: string): string {
    return `/proc/${this.daemon.pid}/root${file}`;
  }

  #inside(program: string, args: readonly string[]): ChildProcess {
    return spawn('nsenter', ['--target', String(this.daemon.pid), '--mount', program, ...args], { stdio: ['pipe', 'inherit', 'inherit'] });
  }
}

function machine(): string {
  return readFileSync('/etc/machine-id', 'utf8').trim();
}

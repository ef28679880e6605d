import { type ChildProcess, execFile, spawn, spawnSync } from 'node:child_process';
import { once } from 'node:events';
import { closeSync, existsSync, mkdtempSync, openSync, readdirSync, readFileSync, rmdirSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { PACKAGE_ROOT } from '../../../src/paths.js';

const CGROUPS = '/sys/fs/cgroup';
const BOOT = join(PACKAGE_ROOT, 'test', 'services', 'systemd', 'boot.sh');
const run = promisify(execFile);

/** Moves itself to a group of its own in every hierarchy that lets it, so that the machine's groups are below; then begins the machine. */
const BEGIN = `
name=$1; shift
for group in ${CGROUPS} ${CGROUPS}/*; do
  test -e $group/cgroup.procs && mkdir $group/$name 2>/dev/null && echo $$ 2>/dev/null > $group/$name/cgroup.procs
done
exec setpriv --pdeathsig KILL unshare --kill-child --fork --pid --mount --mount-proc sh "$@"
`;

/** Why no machine can be booted here; null where one can. */
export function cannotBoot(): string | null {
  if (process.getuid?.() !== 0) return 'it needs root';
  if (!existsSync('/lib/systemd/systemd')) return 'there is no systemd';
  const { status, stderr } = spawnSync(
    'unshare',
    ['--fork', '--pid', '--mount', '--mount-proc', 'sh', '-c', 'mount --make-rprivate / && mount -t tmpfs tmpfs /run'],
    {
      encoding: 'utf8',
    },
  );
  return status === 0 ? null : `no namespaces can be made: ${stderr.trim()}`;
}

/** A machine that has a real systemd. */
export class SystemdMachine {
  private constructor(
    readonly folder: string,
    readonly group: string,
    readonly begun: ChildProcess,
    /** systemd's, as seen from here. */
    readonly pid: number,
  ) {}

  /**
   * Boots one: by default this machine's own system with the units of the checkout.
   * @param script a shell script whose process becomes systemd; it gets `args`, and the file that is to be the machine's console.
   * @throws where systemd does not answer.
   */
  static async boot(script = BOOT, args: readonly string[] = [PACKAGE_ROOT, process.execPath]): Promise<SystemdMachine> {
    const folder = mkdtempSync(join(tmpdir(), 'trilog-systemd-'));
    const group = `trilog-test-${process.pid}`;
    const console = join(folder, 'console');
    writeFileSync(console, '');
    const said = openSync(console, 'a');
    const begun = spawn('sh', ['-c', BEGIN, 'sh', group, script, ...args, console], { stdio: ['ignore', said, said] });
    closeSync(said);
    const pid = await childOf(begun, console);
    const machine = new SystemdMachine(folder, group, begun, pid);
    while (!existsSync(machine.path('/run/systemd/private'))) {
      if (begun.exitCode !== null) throw new Error(`systemd ended: ${readFileSync(console, 'utf8')}`);
      await new Promise((resolve) => setImmediate(resolve));
    }
    return machine;
  }

  /** A file of the machine, as seen from here. */
  path(file: string): string {
    return `/proc/${this.pid}/root${file}`;
  }

  /** What systemd has said. */
  get console(): string {
    return readFileSync(join(this.folder, 'console'), 'utf8');
  }

  /** Runs a program in the machine. @throws where it fails. */
  async run(program: string, ...args: readonly string[]): Promise<string> {
    const { stdout } = await run('nsenter', ['--target', String(this.pid), '--mount', '--pid', program, ...args], { encoding: 'utf8' });
    return stdout.trim();
  }

  systemctl(...args: readonly string[]): Promise<string> {
    return this.run('systemctl', ...args);
  }

  /** One property of a unit. */
  property(unit: string, name: string): Promise<string> {
    return this.systemctl('show', '--value', '--property', name, unit);
  }

  /** Resolves when the property is so, with its value. */
  async until(unit: string, name: string, isIt: (value: string) => boolean): Promise<string> {
    for (;;) {
      const value = await this.property(unit, name);
      if (isIt(value)) return value;
    }
  }

  /** Ends it with all that runs in it. */
  async shutDown(): Promise<void> {
    const ended = once(this.begun, 'exit');
    process.kill(this.pid, 'SIGKILL');
    await ended;
    for (const hierarchy of [CGROUPS, ...readdirSync(CGROUPS).map((name) => join(CGROUPS, name))])
      await removeGroup(join(hierarchy, this.group));
    rmSync(this.folder, { recursive: true, force: true });
  }
}

/** The process that `unshare` began, once it is systemd. */
async function childOf(begun: ChildProcess, console: string): Promise<number> {
  const { pid } = begun;
  for (;;) {
    const child = Number.parseInt(contentOf(`/proc/${pid}/task/${pid}/children`), 10);
    if (child > 0 && contentOf(`/proc/${child}/comm`).trim() === 'systemd') return child;
    if (begun.exitCode !== null) throw new Error(`no machine could be begun: ${contentOf(console)}`);
    await new Promise((resolve) => setImmediate(resolve));
  }
}

/** Empty where there is none any more. */
function contentOf(file: string): string {
  try {
    return readFileSync(file, 'utf8');
  } catch {
    return '';
  }
}

/** Control groups are folders whose files go with them. What ran in one is gone a moment after the first process of its machine. */
async function removeGroup(path: string): Promise<void> {
  if (!existsSync(join(path, 'cgroup.procs'))) return;
  for (const entry of readdirSync(path, { withFileTypes: true })) if (entry.isDirectory()) await removeGroup(join(path, entry.name));
  for (;;) {
    try {
      rmdirSync(path);
      return;
    } catch (error) {
      if (!(error instanceof Error && 'code' in error && error.code === 'EBUSY')) throw error;
      await new Promise((resolve) => setImmediate(resolve));
    }
  }
}

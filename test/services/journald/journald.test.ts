import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import { existsSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import test, { type ExecutionContext } from 'ava';
import { MAIN } from '../../commands/trilog.js';
import { cannotJournal, RealJournal } from './journal.js';
import { journalOf } from './journal-of.js';

const missing = cannotJournal();
const withJournal = missing === null ? test.serial : test.serial.skip;
if (missing !== null) test('a real journal cannot be had here', (t) => void t.pass(missing));

interface Stored {
  readonly message: string;
  readonly event: { readonly id: string };
  readonly [key: string]: unknown;
}

/** Agents that follow each other on one journal and data_dir. */
class Agents {
  readonly folder = mkdtempSync(join(tmpdir(), 'trilog-journald-'));
  #running: ChildProcess | null = null;
  log = '';

  constructor(
    t: ExecutionContext,
    readonly journal: Pick<RealJournal, 'folder' | 'stop'>,
    keys = '',
  ) {
    t.teardown(async () => {
      await this.end('SIGKILL');
      await journal.stop();
      rmSync(this.folder, { recursive: true, force: true });
    });
    writeFileSync(
      join(this.folder, 'trilog.yaml'),
      `data_dir: ${this.folder}/data
classify: { bert: false }
inputs: { journal: { type: journald, directory: ${journal.folder}, read_from: beginning, checkpoint_interval_ms: 10${keys} } }
outputs: { out: { type: file, path: ${this.folder}/out.ndjson } }
`,
    );
  }

  start(): void {
    const agent = spawn(process.execPath, [MAIN, 'run', '-c', join(this.folder, 'trilog.yaml')], { stdio: ['ignore', 'ignore', 'pipe'] });
    agent.stderr.setEncoding('utf8').on('data', (text: string) => {
      this.log += text;
    });
    this.#running = agent;
  }

  async end(signal: NodeJS.Signals): Promise<void> {
    const agent = this.#running;
    this.#running = null;
    if (agent === null || agent.exitCode !== null || agent.signalCode !== null) return;
    const ended = once(agent, 'exit');
    agent.kill(signal);
    await ended;
  }

  /** Process id of the journalctl that the agent has now; undefined while it has none. */
  get journalctl(): number | undefined {
    const pid = this.#running?.pid;
    const children = readFileSync(`/proc/${pid}/task/${pid}/children`, 'utf8').trim().split(' ');
    return children.map(Number).find((child) => child > 0 && readFileSync(`/proc/${child}/comm`, 'utf8').trim() === 'journalctl');
  }

  get stored(): Stored[] {
    const file = join(this.folder, 'out.ndjson');
    if (!existsSync(file)) return [];
    const text = readFileSync(file, 'utf8');
    return text
      .slice(0, text.lastIndexOf('\n') + 1)
      .split('\n')
      .filter((line) => line !== '')
      .map((line) => JSON.parse(line));
  }

  /** Waits until what is stored is as wanted. */
  async until(wanted: (stored: readonly Stored[]) => boolean): Promise<Stored[]> {
    for (;;) {
      const { stored } = this;
      if (wanted(stored)) return stored;
      if (this.#running !== null && this.#running.exitCode !== null) throw new Error(`the agent has ended: ${this.log}`);
      await new Promise((resolve) => setTimeout(resolve, 20));
    }
  }
}

const numbered = (from: number, to: number): string[] =>
  Array.from(
    { length: to - from },
    (_line, i) => `2026-03-02 10:11:12.${String((from + i) % 1000).padStart(3, '0')} 7 INFO nova.api [-] number ${from + i} of them`,
  );
const numbersIn = (stored: readonly Stored[]): Set<number> =>
  new Set(stored.flatMap(({ message }) => (message.startsWith('number ') ? [Number(message.split(' ')[1])] : [])));

withJournal('every line arrives over kill -9 of the agent, of journalctl, and a rotation; what comes twice has the same id', async (t) => {
  const journal = await RealJournal.start();
  const agents = new Agents(t, journal);
  await journal.print('nova-api', numbered(0, 500));
  agents.start();
  await agents.until((stored) => numbersIn(stored).size > 100);
  await agents.end('SIGKILL');
  await journal.print('nova-api', numbered(500, 1000));
  await journal.rotate();
  agents.start();
  await agents.until((stored) => numbersIn(stored).size === 1000);
  const child = agents.journalctl ?? 0;
  t.true(child > 0);
  process.kill(child, 'SIGKILL');
  await journal.print('nova-api', numbered(1000, 1500));
  const all = await agents.until((stored) => numbersIn(stored).size === 1500);
  await agents.end('SIGTERM');
  const ids = new Map<number, Set<string>>();
  for (const { message, event } of all)
    if (message.startsWith('number ')) {
      const number = Number(message.split(' ')[1]);
      ids.set(number, (ids.get(number) ?? new Set()).add(event.id));
    }
  t.is(ids.size, 1500);
  t.deepEqual(
    [...ids].filter(([, of]) => of.size !== 1),
    [],
  );
  t.regex(agents.log, /journalctl has ended, and is started again/);
  t.notRegex(agents.log, /does not hold the entry/);
});

withJournal(
  "a record of oslo.log's journal handler is whole, with its request and exception; the lines of a traceback on standard error are one",
  async (t) => {
    const journal = await RealJournal.start();
    const agents = new Agents(t, journal, ', identifiers: [nova-compute, crash]');
    agents.start();
    await journal.send({
      MESSAGE: 'no known form: failed to build',
      SYSLOG_IDENTIFIER: 'nova-compute',
      PRIORITY: '3',
      LOGGER_NAME: 'nova.compute.manager',
      LOGGER_LEVEL: 'ERROR',
      REQUEST_ID: 'req-6a7f0b39-7f9a-4f3c-9d3c-6f3b2c1d0e9f',
      EXCEPTION_INFO: "KeyError: 'x'",
    });
    await journal.print('crash', ['Traceback (most recent call last):', '  File "a.py", line 1, in <module>', '    x()', 'ValueError: no']);
    await journal.print('other', ['not wanted']);
    const stored = await agents.until((found) => found.length >= 2);
    await agents.end('SIGTERM');
    const [oslo] = stored.filter((record) => record.message.startsWith('no known form'));
    t.like(oslo, {
      log: { level: 'ERROR', logger: 'nova.compute.manager' },
      service: { name: 'nova-compute' },
      openstack: { request_id: 'req-6a7f0b39-7f9a-4f3c-9d3c-6f3b2c1d0e9f' },
      error: { type: 'KeyError' },
    });
    const [crash] = stored.filter((record) => record.message.startsWith('Traceback'));
    t.like(crash, { error: { type: 'ValueError', message: 'no' }, service: { name: 'crash' } });
    t.is(agents.stored.length, 2);
  },
);

withJournal('entries that were removed while the agent was down are told, and it goes on', async (t) => {
  const journal = await RealJournal.start();
  const agents = new Agents(t, journal, ', identifiers: [nova-api]');
  await journal.print('nova-api', numbered(0, 10));
  agents.start();
  await agents.until((stored) => numbersIn(stored).size === 10);
  await agents.end('SIGTERM');
  await journal.rotate();
  await journal.print('nova-api', numbered(10, 20));
  await journal.vacuum();
  await journal.print('nova-api', numbered(20, 30));
  agents.start();
  const stored = await agents.until((found) => numbersIn(found).has(29));
  t.true([...Array(10).keys()].every((n) => numbersIn(stored).has(n + 20)));
  t.regex(agents.log, /does not hold the entry/);
});

withJournal('entries of the boots before are read, of each machine whose journal lies in the folder', async (t) => {
  const folder = mkdtempSync(join(tmpdir(), 'trilog-journal-'));
  const boot = (digit: string, from: number, to: number) =>
    numbered(from, to).map((message, i) => ({ message, boot: digit.repeat(32), micros: 1_700_000_000_000_000 + (from + i) * 1000 }));
  await journalOf(join(folder, 'first.journal'), [...boot('1', 0, 10), ...boot('2', 10, 20)]);
  await journalOf(join(folder, 'second.journal'), boot('3', 20, 30));
  const agents = new Agents(t, { folder, stop: async () => rmSync(folder, { recursive: true, force: true }) });
  agents.start();
  t.is(numbersIn(await agents.until((stored) => numbersIn(stored).size === 30)).size, 30);
  await agents.end('SIGTERM');
  // Where the agent goes on is in the boot that it read last.
  await journalOf(join(folder, 'third.journal'), boot('4', 30, 40));
  agents.start();
  const stored = await agents.until((found) => numbersIn(found).size === 40);
  t.is(stored.length, 40);
});

import { appendFileSync, existsSync, mkdirSync, readFileSync, writeFileSync } from 'node:fs';
import test, { type ExecutionContext } from 'ava';
import { cannotBoot, SystemdMachine } from './machine.js';

const reason = cannotBoot();
const booted = reason === null ? test.serial : test.serial.skip;
const where = reason === null ? '' : ` (NOT TRIED: ${reason})`;

const UNIT = 'trilog.service';
const OUTPUT = '/var/log/trilog/records.ndjson';
const LOG = '/var/log/nova/nova-compute.log';

/** What differs from the shipped unit: its own log goes to a file, since no journal runs, and a restart comes at once. */
const DROP_IN = '[Service]\nStandardOutput=append:/run/test/agent.log\nStandardError=append:/run/test/agent.log\nRestartSec=0\n';

const HANGS = `export const plugin = {
  kind: 'output', type: 'hangs', summary: 'never answers', config: { safeParse: (data) => ({ success: true, data }) },
  create: () => ({ async open() {}, encode: (records) => records, write: () => new Promise(() => {}), async close() {} }),
};`;

const BLOCKS = HANGS.replace('new Promise(() => {})', '{ for (;;); }');

interface Written {
  readonly message: string;
  readonly event: { readonly id: string };
  readonly trilog: { readonly stage: string; readonly rule?: string; readonly guess?: unknown };
}

async function machine(t: ExecutionContext, outputs: Record<string, unknown> = {}) {
  const booted = await SystemdMachine.boot();
  t.teardown(() => booted.shutDown());
  const write = (file: string, text: string): void => writeFileSync(booted.path(file), text);
  mkdirSync(booted.path('/etc/systemd/system/trilog.service.d'));
  write('/etc/systemd/system/trilog.service.d/test.conf', DROP_IN);
  const configure = (more: Record<string, unknown> = {}, extra: Record<string, unknown> = {}): void =>
    write(
      '/etc/trilog/trilog.yaml',
      JSON.stringify({
        data_dir: '/var/lib/trilog',
        inputs: { nova: { type: 'file', include: ['/var/log/nova/*.log'], read_from: 'beginning', poll_interval_ms: 20 } },
        outputs: { all: { type: 'file', path: OUTPUT }, ...more },
        pipeline: { multiline_pause_ms: 20, stop_timeout_ms: 500 },
        ...extra,
      }),
    );
  configure(outputs);
  let next = 0;
  const log = (lines: number): void => {
    const made = Array.from(
      { length: lines },
      () => `2026-03-02 10:11:12.123 7 INFO site.portal [-] the frobnicator turned line ${next++}\n`,
    );
    appendFileSync(booted.path(LOG), made.join(''));
  };
  write(LOG, '');
  await booted.run('chgrp', 'adm', LOG);
  await booted.run('chmod', '0640', LOG);
  const written = (): Written[] => {
    const file = booted.path(OUTPUT);
    if (!existsSync(file)) return [];
    const whole = readFileSync(file, 'utf8').split('\n').slice(0, -1);
    return whole.map((line) => JSON.parse(line));
  };
  /** Resolves when so many different records are there. */
  const arrived = async (records: number): Promise<readonly Written[]> => {
    for (;;) {
      const found = written();
      if (new Set(found.map(({ event }) => event.id)).size >= records) return found;
      await new Promise((resolve) => setImmediate(resolve));
    }
  };
  const own = (): string => readFileSync(booted.path('/run/test/agent.log'), 'utf8');
  return { machine: booted, configure, write, log, arrived, own };
}

booted(`it starts as its own user, reads logs as a member of a group, and asks the model${where}`, async (t) => {
  const { machine: m, log, arrived, own } = await machine(t);
  log(1);
  await m.systemctl('start', UNIT).catch(() => t.fail(`${m.console}\n${own()}`));
  const pid = await m.property(UNIT, 'MainPID');
  t.is(await m.run('stat', '--format', '%U', `/proc/${pid}`), 'trilog');
  const [record] = await arrived(1);
  // No rule knows the line: the model was asked, within all that the unit forbids.
  t.true(record?.trilog.stage === 'bert' || record?.trilog.guess !== undefined, JSON.stringify(record));
  t.regex(await m.property(UNIT, 'StatusText'), /^\d+ records?, \d+\/s/);
  t.notRegex(own(), /"level":"(warn|error)"/);
});

booted(`after kill -9 it is started again, and nothing is lost${where}`, async (t) => {
  const { machine: m, log, arrived } = await machine(t);
  await m.systemctl('start', UNIT);
  for (let round = 1; round <= 3; round++) {
    log(500);
    const pid = await m.property(UNIT, 'MainPID');
    await arrived(500 * (round - 1) + 1);
    log(500);
    await m.systemctl('kill', '--signal=SIGKILL', '--kill-whom=main', UNIT);
    await m.until(UNIT, 'MainPID', (now) => now !== pid && now !== '0');
    await arrived(1000 * round);
  }
  t.is(await m.property(UNIT, 'NRestarts'), '3');
  const lines = new Set((await arrived(3000)).map(({ message }) => message));
  t.is(lines.size, 3000);
});

booted(`a wrong configuration keeps it from starting, with every error${where}`, async (t) => {
  const { machine: m, write, own } = await machine(t);
  write('/etc/trilog/trilog.yaml', 'inputs: { nova: { type: file } }\noutputs: { all: { type: nothing } }\n');
  await t.throwsAsync(m.systemctl('start', UNIT));
  t.regex(own(), /trilog\.yaml:1:.*include[\s\S]*trilog\.yaml:2:.*"nothing"/);
  t.is(await m.property(UNIT, 'ExecMainPID'), '0');
});

booted(`a stop ends within the deadline though an output hangs${where}`, async (t) => {
  const { machine: m, write, configure, log, arrived } = await machine(t);
  write('/etc/trilog/hangs.mjs', HANGS);
  configure({ hangs: { type: './hangs.mjs' } });
  await m.systemctl('start', UNIT);
  log(1);
  await arrived(1);
  await m.systemctl('stop', UNIT);
  t.is(await m.property(UNIT, 'Result'), 'success');
  t.is(await m.property(UNIT, 'ExecMainStatus'), '0');
});

booted(`the watchdog ends an agent that stands still, and not one whose output hangs${where}`, async (t) => {
  const { machine: m, write, configure, log, arrived } = await machine(t);
  write('/etc/trilog/hangs.mjs', HANGS);
  write('/etc/trilog/blocks.mjs', BLOCKS);
  write('/etc/systemd/system/trilog.service.d/watchdog.conf', '[Service]\nWatchdogSec=2s\nRestart=no\n');
  configure({ hangs: { type: './hangs.mjs' } });
  await m.systemctl('start', UNIT);
  log(1);
  await arrived(1);
  // It is fed until long after the record hangs.
  const hung = Number(await m.property(UNIT, 'WatchdogTimestampMonotonic'));
  await m.until(UNIT, 'WatchdogTimestampMonotonic', (fed) => Number(fed) > hung + 6_000_000);
  t.is(await m.property(UNIT, 'ActiveState'), 'active');
  await m.systemctl('stop', UNIT);
  configure({ blocks: { type: './blocks.mjs' } });
  await m.systemctl('start', UNIT);
  log(1);
  await m.until(UNIT, 'ActiveState', (state) => state === 'failed');
  t.is(await m.property(UNIT, 'Result'), 'watchdog');
});

booted(`a reload takes a changed rule; one with an error fails, and the agent goes on${where}`, async (t) => {
  const { machine: m, write, configure, log, arrived, own } = await machine(t);
  const rule = (id: string): string =>
    `pack: site\nrules:\n  - { id: ${id}, label: instance.failure, starts: "the frobnicator ", examples: { match: ["the frobnicator stops"] } }\n`;
  write('/etc/trilog/site.yaml', rule('site.first'));
  const rules = { classify: { bert: false, known: false, rules: { packs: [], files: ['site.yaml'] } } };
  configure({}, rules);
  await m.systemctl('start', UNIT);
  const pid = await m.property(UNIT, 'MainPID');
  log(1);
  t.is((await arrived(1))[0]?.trilog.rule, 'site.first');
  write('/etc/trilog/site.yaml', 'rules: [');
  await t.throwsAsync(m.systemctl('reload', UNIT));
  t.is(await m.property(UNIT, 'ActiveState'), 'active');
  log(1);
  t.is((await arrived(2))[1]?.trilog.rule, 'site.first');
  write('/etc/trilog/site.yaml', rule('site.second'));
  await m.systemctl('reload', UNIT);
  while (!own().includes('the changed configuration is in use')) await m.property(UNIT, 'ActiveState');
  log(1);
  t.is((await arrived(3))[2]?.trilog.rule, 'site.second');
  // The manager was sent to the agent itself, without the check before it.
  write('/etc/trilog/site.yaml', 'rules: [');
  await m.systemctl('kill', '--signal=SIGHUP', '--kill-whom=main', UNIT);
  await m.until(UNIT, 'StatusText', (status) => status.includes('the last reload was refused'));
  t.is(await m.until(UNIT, 'ActiveState', (state) => state !== 'reloading'), 'active');
  t.is(await m.property(UNIT, 'MainPID'), pid);
});

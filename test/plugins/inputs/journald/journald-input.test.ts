import test, { type ExecutionContext } from 'ava';
import { config } from '../../../../plugins/inputs/journald/config.js';
import { followArguments } from '../../../../plugins/inputs/journald/journalctl.js';
import { JournaldInput } from '../../../../plugins/inputs/journald/journald-input.js';
import type { ComponentContext } from '../../../../src/plugin/contract.js';
import type { LineBlock } from '../../../../src/record/source.js';
import { context } from '../../context.js';
import { cursorOf, journalLine } from './entries.js';
import { type Run, ScriptedJournalctl } from './scripted-journalctl.js';

const self = { unit: 'trilog.service', machineId: '', bootId: '', pid: 0, executable: '' };

/** Entries of one program, each a record by itself. */
function entries(from: number, to: number, fields: object = {}): string[] {
  const lines: string[] = [];
  for (let n = from; n < to; n++) lines.push(journalLine(n, { SYSLOG_IDENTIFIER: 'nova-api', MESSAGE: `number ${n}`, ...fields }));
  return lines;
}

async function begun(t: ExecutionContext, journalctl: ScriptedJournalctl, keys: object = {}, lent: Partial<ComponentContext> = {}) {
  const within = context(lent);
  const surroundings = { journalctl: journalctl.path, firstPauseMs: 1, self };
  const input = new JournaldInput(config.parse({ read_from: 'beginning', checkpoint_interval_ms: 0, ...keys }), within, surroundings);
  await input.open();
  const stop = new AbortController();
  const blocks = input.read(stop.signal)[Symbol.asyncIterator]();
  t.teardown(async () => {
    stop.abort();
    await blocks.return?.();
    await input.close();
  });
  return { input, blocks, stop, within };
}

const numberOf = (line: string): number => Number(/number (\d+)/.exec(line)?.[1]);

/** The numbers of the next lines, at least so many; what is taken is settled if wanted. */
async function take(
  { blocks, input }: { blocks: AsyncIterator<LineBlock>; input: JournaldInput },
  count: number,
  settle = true,
): Promise<{ numbers: number[]; blocks: LineBlock[] }> {
  const taken: LineBlock[] = [];
  const numbers: number[] = [];
  while (numbers.length < count) {
    const next = await blocks.next();
    if (next.done === true) break;
    taken.push(next.value);
    numbers.push(...next.value.lines.map(numberOf));
    if (settle) input.settled(next.value.source, next.value.end);
  }
  return { numbers, blocks: taken };
}

const range = (from: number, to: number): number[] => Array.from({ length: to - from }, (_one, i) => from + i);

test('a journalctl that ends is started again after the last entry that was read: none is lost, none comes twice', async (t) => {
  const runs: Run[] = [
    { lines: entries(0, 50), ending: 1 },
    { lines: entries(49, 50), ending: 0 },
    { lines: entries(49, 80), half: '{"__CURSOR":"half of', ending: 1 },
    { lines: entries(79, 100), ending: 'stay' },
  ];
  const journalctl = new ScriptedJournalctl(t, runs);
  const reading = await begun(t, journalctl);
  const { numbers, blocks } = await take(reading, 100);
  t.deepEqual(numbers, range(0, 100));
  t.deepEqual(
    blocks.flatMap(({ offsets }) => offsets),
    range(0, 100),
  );
  t.is(reading.within.counts.get('journalctl_restarts'), 3);
  t.is(reading.within.counts.get('cursor_gone'), undefined);
  t.deepEqual(
    journalctl.started.map((args) => /--cursor=(\S+)/.exec(args)?.[1]),
    [undefined, cursorOf(49), cursorOf(49), cursorOf(79)],
  );
});

test('one that is killed is started again', async (t) => {
  const journalctl = new ScriptedJournalctl(t, [
    { lines: entries(0, 3), ending: 'stay' },
    { lines: entries(2, 5), ending: 'stay' },
  ]);
  const reading = await begun(t, journalctl);
  t.deepEqual((await take(reading, 3)).numbers, [0, 1, 2]);
  const rest = take(reading, 2);
  const { childPid = 0 } = reading.input;
  t.true(childPid > 0);
  process.kill(childPid, 'SIGKILL');
  t.deepEqual((await rest).numbers, [3, 4]);
});

test('a restart of the agent goes on after what was settled, and what comes again has the same ids', async (t) => {
  const first = new ScriptedJournalctl(t, [{ lines: entries(0, 10), ending: 'stay' }]);
  const one = await begun(t, first);
  const before = await take(one, 10, false);
  const [block] = before.blocks;
  t.deepEqual(before.numbers, range(0, 10));
  one.stop.abort();
  await one.blocks.return?.();
  await one.input.close();

  const second = new ScriptedJournalctl(t, [{ lines: entries(0, 12), ending: 'stay' }]);
  const two = await begun(t, second, {}, { dataDir: one.within.dataDir });
  const again = await take(two, 12);
  t.is(again.blocks[0]?.source.id, block?.source.id);
  t.deepEqual(again.blocks[0]?.offsets.slice(0, 10), range(0, 10));
  await two.input.close();

  const third = new ScriptedJournalctl(t, [{ lines: entries(11, 14), ending: 'stay' }]);
  const three = await begun(t, third, {}, { dataDir: one.within.dataDir });
  const rest = await take(three, 2);
  t.deepEqual(rest.numbers, [12, 13]);
  t.deepEqual(rest.blocks[0]?.offsets, [12, 13]);
  t.regex(third.started[0] ?? '', new RegExp(`--cursor=${cursorOf(11)}$`));
});

test('an entry that the journal does not hold any more is told, and the oldest later one is read', async (t) => {
  const told: unknown[] = [];
  const journalctl = new ScriptedJournalctl(t, [
    { lines: entries(0, 3), ending: 1 },
    { lines: entries(7, 9), ending: 'stay' },
  ]);
  const silent = (): void => {};
  const log = { debug: silent, info: silent, error: silent, warn: (_message: string, fields?: object) => void told.push(fields) };
  const reading = await begun(t, journalctl, {}, { log });
  t.deepEqual((await take(reading, 5)).numbers, [0, 1, 2, 7, 8]);
  t.is(reading.within.counts.get('cursor_gone'), 1);
  t.deepEqual(told.at(-1), { cursor: cursorOf(2), next: cursorOf(7) });
});

test('at the first start reading begins behind the newest entry, also where the agent dies before anything comes', async (t) => {
  const first = new ScriptedJournalctl(t, [], entries(5, 6)[0]);
  const one = await begun(t, first, { read_from: 'end' });
  const waiting = one.blocks.next();
  while (first.started.length === 0) await new Promise((resolve) => setImmediate(resolve));
  t.regex(first.started[0] ?? '', new RegExp(`--cursor=${cursorOf(5)}`));
  one.stop.abort();
  await waiting;

  // The newest is another one by now, and another unit is wanted.
  const second = new ScriptedJournalctl(t, [{ lines: entries(6, 8), ending: 'stay' }], entries(7, 8)[0]);
  const two = await begun(t, second, { read_from: 'end', units: ['nova-api'] }, { dataDir: one.within.dataDir });
  t.deepEqual((await take(two, 2)).numbers, [6, 7]);
  t.is(two.within.counts.get('cursor_gone'), undefined);
});

test('an empty journal is read from its first entry, whatever read_from says', async (t) => {
  const journalctl = new ScriptedJournalctl(t, [{ lines: entries(0, 2), ending: 'stay' }]);
  t.deepEqual((await take(await begun(t, journalctl, { read_from: 'end' }), 2)).numbers, [0, 1]);
  t.notRegex(journalctl.started[0] ?? '', /--cursor/);
});

test("trilog's own entries are left out, and do not hold the cursor back", async (t) => {
  const own = entries(2, 4, { _SYSTEMD_UNIT: 'trilog.service' });
  const journalctl = new ScriptedJournalctl(t, [{ lines: [...entries(0, 2), ...own], ending: 'stay' }]);
  const reading = await begun(t, journalctl);
  t.deepEqual((await take(reading, 2)).numbers, [0, 1]);
  const next = reading.blocks.next();
  await reading.input.close();
  const second = new ScriptedJournalctl(t, [{ lines: [...own.slice(1), ...entries(4, 5)], ending: 'stay' }]);
  const two = await begun(t, second, {}, { dataDir: reading.within.dataDir });
  t.deepEqual((await take(two, 1)).numbers, [4]);
  t.regex(second.started[0] ?? '', new RegExp(`--cursor=${cursorOf(3)}`));
  t.is(reading.within.counts.get('own_entries'), 2);
  reading.stop.abort();
  await next;
});

test('exclude_own: false reads them', async (t) => {
  const journalctl = new ScriptedJournalctl(t, [{ lines: entries(0, 2, { _SYSTEMD_UNIT: 'trilog.service' }), ending: 'stay' }]);
  t.deepEqual((await take(await begun(t, journalctl, { exclude_own: false }), 2)).numbers, [0, 1]);
});

test('units with a star are sorted out here, so that a unit that begins later is read, too', async (t) => {
  const lines = [
    ...entries(0, 1, { _SYSTEMD_UNIT: 'nova-api.service' }),
    ...entries(1, 2, { _SYSTEMD_UNIT: 'sshd.service' }),
    ...entries(2, 3, { _PID: '1', UNIT: 'nova-new.service', _SYSTEMD_UNIT: 'init.scope' }),
    ...entries(3, 4, { _PID: '9', UNIT: 'nova-new.service', _SYSTEMD_UNIT: 'sshd.service' }),
    ...entries(4, 5, { _SYSTEMD_UNIT: 'nova-new.service' }),
    ...entries(5, 6, { _SYSTEMD_UNIT: 'glance-api.service' }),
  ];
  const journalctl = new ScriptedJournalctl(t, [{ lines, ending: 'stay' }]);
  const { numbers } = await take(await begun(t, journalctl, { units: ['nova-*', 'glance-api'] }), 4);
  t.deepEqual(
    numbers.sort((a, b) => a - b),
    [0, 2, 4, 5],
  );
  t.notRegex(journalctl.started[0] ?? '', /--unit/);
});

test('the lines of two processes on standard output do not continue each other; entries by themselves wait for nothing', async (t) => {
  const stdout = { _TRANSPORT: 'stdout', SYSLOG_IDENTIFIER: 'thing' };
  const lines = [
    ...entries(0, 1, { ...stdout, _PID: '1' }),
    ...entries(1, 2, { ...stdout, _PID: '2' }),
    ...entries(2, 3, { ...stdout, _PID: '1' }),
    ...entries(3, 4),
  ];
  const { blocks } = await take(await begun(t, new ScriptedJournalctl(t, [{ lines, ending: 'stay' }])), 4);
  t.deepEqual(
    blocks.map(({ lines, apart }) => [lines.map(numberOf), apart === true]),
    [
      [[0, 2], false],
      [[1], false],
      [[3], true],
    ],
  );
});

test('what is no entry, and one beyond every bound, is kept as text and counted', async (t) => {
  const long = entries(0, 1, { MESSAGE: `number 0 ${'x'.repeat(2_000_000)}` });
  const journalctl = new ScriptedJournalctl(t, [{ lines: ['{"broken', ...long, ...entries(1, 2)], ending: 'stay' }]);
  const { blocks } = await take(await begun(t, journalctl, { max_line_bytes: 100 }), 3);
  const lines = blocks.flatMap((block) => block.lines.map((line, i) => [line.slice(0, 8), block.cut?.has(i) === true] as const));
  t.is(lines.length, 3);
  t.deepEqual(lines[0], ['{"broken', true]);
  t.true(lines[1]?.[1]);
  t.true(blocks.every((block) => block.lines.every((line) => line.length <= 100)));
});

test('a journalctl that cannot be had, or may not read, keeps the agent from starting', async (t) => {
  const refused = new ScriptedJournalctl(t, [], '', 1);
  await t.throwsAsync(begun(t, refused), { code: 'JOURNAL_UNUSABLE' });
  const absent = new JournaldInput(config.parse({}), context(), { journalctl: '/nonexistent/journalctl' });
  await t.throwsAsync(absent.open(), { code: 'JOURNAL_UNUSABLE' });
});

test('journalctl reads of all boots what is asked for, of this machine alone', (t) => {
  const args = followArguments({ units: ['nova-api', 'a.socket'], identifiers: ['x'], priority: 'err', directory: undefined }, 'c', 'm');
  for (const arg of [
    '--merge',
    '--unit=nova-api.service',
    '--unit=a.socket',
    '--identifier=x',
    '--priority=err',
    '--cursor=c',
    '_MACHINE_ID=m',
  ])
    t.true(args.includes(arg), arg);
  const elsewhere = followArguments({ units: [], identifiers: [], priority: undefined, directory: '/j' }, null, 'm');
  t.true(elsewhere.includes('--directory=/j'));
  t.false(elsewhere.some((arg) => arg.startsWith('_MACHINE_ID') || arg.startsWith('--cursor')));
});

for (const [key, value] of [
  ['units', ['nova;rm']],
  ['units', ['a b']],
  ['units', ['']],
  ['identifiers', ['a\nb']],
  ['priority', 'loud'],
] as const)
  test(`${key}: ${JSON.stringify(value)} is refused`, (t) => {
    t.false(config.safeParse({ [key]: value }).success);
  });

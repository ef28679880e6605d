import { join } from 'node:path';
import test from 'ava';
import { trilog } from '../../../services/search/trilog-process.js';
import { AgentProcess, folderOf, until, type Written } from './agent.js';
import { type Letter, Producing } from './producer.js';

/** What librdkafka's imitated cluster takes for a session. */
const SESSION = { session_timeout_ms: 6000, commit_interval_ms: 100 };

function oslo(message: string, { level = 'INFO', pid = 7, bracket = '[-] ' } = {}): string {
  return `2026-03-02 10:11:12.123 ${pid} ${level} nova.compute.manager ${bracket}${message}`;
}

function numbered(from: number, to: number): Letter[] {
  return Array.from({ length: to - from }, (_, i) => ({ partition: (from + i) % 4, value: oslo(`number ${from + i}`) }));
}

function numbersOf(records: readonly Written[]): number[] {
  return records.map(({ message }) => Number(/number (\d+)/.exec(message)?.[1])).toSorted((a, b) => a - b);
}

test('messages become records, whatever they are', async (t) => {
  const cluster = await Producing.start(t);
  const trace = ['Traceback (most recent call last):', '  File "/nova/x.py", line 1, in y', 'ValueError: no'];
  const lines = (key: string, pid: number) => [
    { partition: 0, key, value: oslo(`${key} failed`, { level: 'ERROR', pid }) },
    ...trace.map((line) => ({ partition: 0, key, value: oslo(line, { level: 'ERROR', pid, bracket: '' }) })),
  ];
  const [first, second] = [lines('a', 1), lines('b', 1)];
  const plain = (key: string) =>
    ['Traceback (most recent call last):', '  File "x"', 'KeyError: 1'].map((value) => ({ partition: 1, key, value }));
  const [third, fourth] = [plain('c'), plain('d')];
  await cluster.produce('logs', [
    ...first.flatMap((letter, i) => [letter, second[i] ?? letter]),
    ...third.flatMap((letter, i) => [letter, fourth[i] ?? letter]),
    { partition: 2, value: null },
    { partition: 2, value: 'broken \xff\xfe bytes' },
    { partition: 2, value: oslo('with headers'), headers: { label: 'x' } },
    { partition: 2, value: `${oslo('several', { level: 'ERROR' })}\n${trace.join('\n')}` },
    {
      partition: 3,
      value: JSON.stringify({
        '@timestamp': '2026-03-02T00:00:00Z',
        agent: { type: 'filebeat' },
        host: { name: 'compute-9' },
        log: { file: { path: '/var/log/nova/nova-api.log' } },
        message: 'of no known form',
      }),
    },
  ]);
  const agent = new AgentProcess(t, 'a', folderOf(t), {
    brokers: [cluster.bootstrap],
    group: 'g',
    topics: ['logs'],
    follow: false,
    ...SESSION,
  });
  agent.start();
  t.is(await agent.ended(), 0, agent.said);
  const records = agent.written();
  const of = (text: string) => records.filter(({ message }) => message.includes(text));
  for (const key of ['a', 'b']) {
    const [record, ...more] = of(`${key} failed`);
    t.is(more.length, 0);
    t.is(record?.error?.type, 'ValueError');
    t.is(record?.error?.stack_trace, trace.join('\n'));
    t.is(record?.log.file.path, 'logs/0');
  }
  t.is(records.filter(({ error }) => error?.type === 'KeyError').length, 2);
  t.is(of('broken').length, 1);
  t.true(of('broken')[0]?.message.includes('\uFFFD'));
  t.deepEqual(of('with headers')[0]?.openstack?.extra, { kafka_headers: { label: 'x' } });
  t.is(of('several').length, 1);
  t.is(of('several')[0]?.error?.type, 'ValueError');
  const [shipped] = of('of no known form');
  t.deepEqual(
    [shipped?.host.name, shipped?.service?.name, shipped?.log.file.path, shipped?.['@timestamp']],
    ['compute-9', 'nova-api', '/var/log/nova/nova-api.log', '2026-03-02T00:00:00.000Z'],
  );
  t.is(records.length, 8);
});

test('a restart goes on where all was stored; another group reads all again, under the same ids', async (t) => {
  const cluster = await Producing.start(t);
  const folder = folderOf(t);
  const keys = { brokers: [cluster.bootstrap], topics: ['logs'], follow: false, ...SESSION };
  await cluster.produce('logs', numbered(0, 1000));
  const agent = new AgentProcess(t, 'a', folder, { ...keys, group: 'g' });
  agent.start();
  t.is(await agent.ended(), 0, agent.said);
  await cluster.produce('logs', numbered(1000, 1500));
  agent.start();
  t.is(await agent.ended(), 0, agent.said);
  t.deepEqual(
    numbersOf(agent.written()),
    Array.from({ length: 1500 }, (_, i) => i),
  );
  const other = new AgentProcess(t, 'b', folder, { ...keys, group: 'other' });
  other.start();
  t.is(await other.ended(), 0, other.said);
  const ids = (records: readonly Written[]) => records.map(({ event }) => event.id).toSorted();
  t.deepEqual(ids(other.written()), ids(agent.written()));
});

test('agents of a group share the partitions, and each takes up what another leaves', async (t) => {
  const cluster = await Producing.start(t);
  const folder = folderOf(t);
  const keys = { brokers: [cluster.bootstrap], group: 'g', topics: ['^lo.s$'], ...SESSION };
  await cluster.produce('logs', numbered(0, 100));
  const [a, b] = ['a', 'b'].map((name) => new AgentProcess(t, name, folder, keys)) as [AgentProcess, AgentProcess];
  a.start();
  await until(
    () => a.written().length === 100,
    () => a.said,
  );
  b.start();
  await until(
    () => b.said.includes('partitions assigned'),
    () => b.said,
  );
  await until(
    () => /partitions revoked/.test(a.said),
    () => a.said,
  );
  let next = 100;
  await until(
    async () => {
      await cluster.produce('logs', numbered(next, next + 40));
      next += 40;
      return b.written().length > 0;
    },
    () => b.said,
  );
  t.is(await a.stop(), 0);
  await cluster.produce('logs', numbered(next, next + 100));
  next += 100;
  const all = () => [...a.written(), ...b.written()];
  await until(
    () => all().length >= next,
    () => `${all().length} of ${next}: ${b.said}`,
  );
  t.is(await b.stop(), 0);
  t.deepEqual(
    numbersOf(all()),
    Array.from({ length: next }, (_, i) => i),
  );
});

test('a broker that cannot be reached keeps the agent waiting, not from starting or ending', async (t) => {
  const agent = new AgentProcess(t, 'a', folderOf(t), { brokers: ['127.0.0.1:9'], group: 'g', topics: ['logs'], ...SESSION });
  agent.start();
  await until(
    () => agent.said.includes('no broker can be reached; reading goes on when one can'),
    () => agent.said,
  );
  t.is(await agent.stop(), 0, agent.said);
});

test('check --connect says what is wrong with a broker and with a topic', async (t) => {
  const cluster = await Producing.start(t);
  await cluster.produce('logs', numbered(0, 4));
  const folder = folderOf(t);
  const check = async (name: string, keys: object) => {
    new AgentProcess(t, name, folder, { group: 'g', ...SESSION, ...keys });
    return await trilog('check', '--connect', '-c', join(folder, `${name}.yaml`));
  };
  const right = await check('right', { brokers: [cluster.bootstrap], topics: ['logs'] });
  t.is(right.status, 0, right.err);
  const down = await check('down', { brokers: ['127.0.0.1:9'], topics: ['logs'] });
  t.not(down.status, 0);
  t.regex(down.err, /inputs\.in: /);
  const unknown = await check('unknown', { brokers: [cluster.bootstrap], topics: ['logs'], librdkafka: { 'no.such': 1 } });
  t.not(unknown.status, 0);
  t.regex(unknown.err, /no\.such/);
});

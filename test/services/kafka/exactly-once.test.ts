import { randomBytes } from 'node:crypto';
import { cpSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import test, { type ExecutionContext } from 'ava';
import { AgentProcess, folderOf, until } from '../../plugins/inputs/kafka/agent.js';
import { type Letter, Producing } from '../../plugins/inputs/kafka/producer.js';
import { Broker, type Row } from './broker.js';
import { groupOf, sizeOf } from './group.js';

const RECORDS = 200_000;
const CHUNK = 5000;
const PARTITIONS = 4;
const SETTINGS = {
  // Messages have the time of their record, which is long ago here.
  'log.retention.ms': '-1',
  'group.initial.rebalance.delay.ms': '0',
  // Soon enough for a test, what nobody ends is aborted.
  'transaction.abort.timed.out.transaction.cleanup.interval.ms': '500',
};

/** Each names its partition in a header, by which the output places it. */
function chunk(from: number, size = CHUNK, text = 'number'): Letter[] {
  return Array.from({ length: size }, (_, i) => {
    const partition = (from + i) % PARTITIONS;
    return {
      partition,
      value: `2026-03-02 10:11:12.123 7 INFO nova.compute.manager [-] ${text} ${from + i}`,
      headers: { from: String(partition) },
    };
  });
}

/** An agent that reads `logs` and writes to `out`, exactly once. */
function agentOf(t: ExecutionContext, name: string, folder: string, broker: Broker, input: object = {}, output: object = {}): AgentProcess {
  const keys = { brokers: [broker.bootstrap], group: 'g', topics: ['logs'], session_timeout_ms: 6000, ...input };
  return new AgentProcess(t, name, folder, keys, {
    type: 'kafka',
    brokers: [broker.bootstrap],
    topic: 'out',
    delivery: 'exactly_once',
    transaction_timeout_ms: 4000,
    profile: 'kolla',
    headers: false,
    key: 'field:kafka_headers.from',
    ...output,
  });
}

/** Resolves when so many members share the partitions. */
async function shared(broker: Broker, members: number, said: () => string): Promise<void> {
  await until(
    async () => {
      const group = await groupOf(broker);
      return group.state === 'Stable' && group.members.length === members && group.members.every(({ partitions }) => partitions.length > 0);
    },
    said,
    90_000,
  );
}

/** Resolves when the group has come to the ends of the topic. */
async function passed(broker: Broker, said: () => string): Promise<void> {
  let now = '';
  await until(
    async () => {
      const ends = await broker.ends('logs');
      const { offsets } = await groupOf(broker);
      now = JSON.stringify({ ends, offsets });
      return ends.every((end, partition) => (offsets['logs']?.[partition] ?? 0) === end);
    },
    () => `${now}\n${said()}`,
    180_000,
  );
}

/** What a reader of committed records sees, once there are so many: what a killed agent left open hides what lies behind it, until the broker aborts it. */
async function all(broker: Broker, count: number, said: () => string): Promise<readonly Row[]> {
  let rows: readonly Row[] = [];
  await until(
    async () => {
      rows = await broker.read('out');
      return rows.length >= count;
    },
    () => `${rows.length} of ${count}\n${said()}`,
  );
  return rows;
}

function numberOf(value: string | null): number {
  return Number(/number (\d+)/.exec(value ?? '')?.[1]);
}

/** Each of the numbers once, and those of a partition in their order. */
function areWhole(t: ExecutionContext, rows: readonly Row[], count: number): void {
  const seen = new Uint8Array(count);
  const last = new Map<string, number>();
  let disordered = 0;
  for (const [, , key, value] of rows) {
    const number = numberOf(value);
    seen[number] = (seen[number] ?? 0) + 1;
    if (number < (last.get(key ?? '') ?? -1)) disordered++;
    last.set(key ?? '', number);
  }
  t.is(seen.filter((times) => times === 0).length, 0, 'missing');
  t.is(seen.filter((times) => times > 1).length, 0, 'repeated');
  t.is(disordered, 0, 'out of order');
  t.is(rows.length, count);
}

test('agents join, leave, are killed and stopped: each record is there once, in the order of its partition', async (t) => {
  const broker = await Broker.start({ topics: { logs: PARTITIONS, out: PARTITIONS }, settings: SETTINGS, heapMegabytes: 1024 });
  try {
    const producing = await Producing.start(t, broker.bootstrap);
    const folder = folderOf(t);
    // Long ones, so that who is killed has one open.
    const agents = ['a', 'b', 'c'].map((name) => agentOf(t, name, folder, broker, {}, { transaction_ms: 1000 }));
    const [a, b, c] = agents as [AgentProcess, AgentProcess, AgentProcess];
    const said = () => agents.map((agent) => `--- ${agent.name}\n${agent.said}`).join('\n');
    const steps: Readonly<Record<number, () => Promise<unknown>>> = {
      4: async () => {
        c.start();
        await shared(broker, 3, said);
      },
      10: async () => t.is(await b.stop(), 0),
      16: async () => a.start(),
      20: async () => await shared(broker, 2, said),
      24: async () => {
        c.signal('SIGSTOP');
        await shared(broker, 1, said);
      },
      27: async () => {
        c.signal('SIGCONT');
        await shared(broker, 2, said);
      },
    };
    const kills: Readonly<Record<number, AgentProcess>> = { 14: a, 30: c };
    a.start();
    b.start();
    await shared(broker, 2, said);
    for (let n = 0; n < RECORDS / CHUNK; n++) {
      const before = await sizeOf(broker, 'out');
      const sent = producing.produce('logs', chunk(n * CHUNK));
      const killed = kills[n];
      if (killed !== undefined) {
        await until(async () => (await sizeOf(broker, 'out')) > before + 100, said);
        await killed.stop('SIGKILL');
      }
      await sent;
      await steps[n]?.();
    }
    c.start();
    await shared(broker, 2, said);
    await passed(broker, said);
    t.is(await a.stop(), 0);
    t.is(await c.stop(), 0);
    const rows = await all(broker, RECORDS, said);
    areWhole(t, rows, RECORDS);
    const written = await broker.read('out', 'read_uncommitted');
    t.log(`${written.length - RECORDS} records of transactions that were taken back`);
    t.true(written.length > RECORDS, 'without transactions some would be there twice');
  } finally {
    await broker.stop();
  }
});

test('a broker that is killed in the middle of a transaction leaves nothing out and nothing twice', async (t) => {
  const broker = await Broker.start({ topics: { logs: PARTITIONS, out: PARTITIONS }, settings: SETTINGS });
  try {
    const producing = await Producing.start(t, broker.bootstrap);
    // Longer than the broker takes to come back: a transaction that runs out meanwhile is another matter.
    const agent = agentOf(t, 'a', folderOf(t), broker, {}, { transaction_ms: 8000, transaction_timeout_ms: 60_000 });
    const said = () => agent.said;
    agent.start();
    await shared(broker, 1, said);
    let sent = 0;
    const produce = async (count: number): Promise<void> => {
      sent += count;
      await producing.produce('logs', chunk(sent - count, count));
    };
    for (let n = 0; n < 2; n++) {
      await until(async () => {
        await produce(500);
        return (await broker.read('out', 'read_uncommitted')).length > (await broker.read('out')).length;
      }, said);
      const more = produce(5000);
      await broker.kill();
      await broker.start();
      await more;
    }
    await passed(broker, said);
    t.is(await agent.stop(), 0);
    areWhole(t, await all(broker, sent, said), sent);
  } finally {
    await broker.stop();
  }
});

test('a second agent with a copy of the data_dir displaces the first, which says so, and what it had begun is not read', async (t) => {
  const broker = await Broker.start({ topics: { logs: PARTITIONS, out: PARTITIONS }, settings: SETTINGS });
  try {
    const producing = await Producing.start(t, broker.bootstrap);
    const folder = folderOf(t);
    // The first commits so rarely that it is in the middle of a transaction.
    const first = agentOf(t, 'first', folder, broker, {}, { transaction_ms: 20_000, transaction_timeout_ms: 60_000 });
    const second = agentOf(t, 'second', folder, broker);
    const said = () => `${first.said}\n--- second\n${second.said}`;
    first.start();
    await shared(broker, 1, said);
    await producing.produce('logs', chunk(0));
    await until(async () => (await broker.read('out', 'read_uncommitted')).length > 0, said);
    cpSync(join(folder, 'first.data', 'inputs'), join(folder, 'second.data', 'inputs'), { recursive: true });
    second.start();
    await until(() => /same transactional\.id|same `instance_id`/.test(first.said), said);
    await producing.produce('logs', chunk(CHUNK));
    await passed(broker, said);
    areWhole(t, await all(broker, 2 * CHUNK, said), 2 * CHUNK);
    t.is(await first.stop(), 0);
    t.is(await second.stop(), 0);
    areWhole(t, await all(broker, 2 * CHUNK, said), 2 * CHUNK);
  } finally {
    await broker.stop();
  }
});

test('offsets pass records that the output does not want, and those that are dead letters', async (t) => {
  const broker = await Broker.start({ topics: { logs: PARTITIONS, out: PARTITIONS }, settings: SETTINGS });
  try {
    const producing = await Producing.start(t, broker.bootstrap);
    const folder = folderOf(t);
    const agent = agentOf(t, 'a', folder, broker, {}, { when: { levels: ['ERROR'] }, max_message_bytes: 1000 });
    const said = () => agent.said;
    const line = (level: string, text: string): Letter => ({
      partition: 0,
      value: `2026-03-02 10:11:12.123 7 ${level} nova.compute.manager [-] ${text}`,
    });
    agent.start();
    await shared(broker, 1, said);
    await producing.produce('logs', chunk(0));
    await passed(broker, said);
    t.is((await broker.read('out')).length, 0);
    await producing.produce('logs', [line('ERROR', 'number 1'), line('ERROR', `number 2 ${'x'.repeat(2000)}`), line('ERROR', 'number 3')]);
    await passed(broker, said);
    t.deepEqual(
      (await broker.read('out')).map(([, , , value]) => numberOf(value)),
      [1, 3],
    );
    const letters = readFileSync(join(folder, 'a.data', 'dead-letters.ndjson'), 'utf8')
      .trim()
      .split('\n');
    t.is(letters.length, 1);
    t.regex(letters[0] ?? '', /longer than max_message_bytes.*number 2 /);
    t.is(await agent.stop(), 0);
  } finally {
    await broker.stop();
  }
});

test('a message that the topic refuses for its size becomes a dead letter, and those beside it are there once', async (t) => {
  const broker = await Broker.start({ topics: { logs: PARTITIONS }, settings: SETTINGS });
  try {
    await broker.createTopic('out', PARTITIONS, { 'max.message.bytes': '20000' });
    const producing = await Producing.start(t, broker.bootstrap);
    const folder = folderOf(t);
    const agent = agentOf(t, 'a', folder, broker, {}, { compression: 'none' });
    const said = () => agent.said;
    const big = randomBytes(40_000).toString('base64');
    const letters = chunk(0, 40).map((letter, i) => (i === 21 ? { ...letter, value: `${letter.value} ${big}` } : letter));
    await producing.produce('logs', letters);
    agent.start();
    await passed(broker, said);
    const numbers = (await broker.read('out')).map(([, , , value]) => numberOf(value)).toSorted((a, b) => a - b);
    t.deepEqual(
      numbers,
      Array.from({ length: 40 }, (_, i) => i).filter((i) => i !== 21),
    );
    const dead = readFileSync(join(folder, 'a.data', 'dead-letters.ndjson'), 'utf8')
      .trim()
      .split('\n');
    t.is(dead.length, 1);
    t.true(dead[0]?.includes('number 21 '));
    t.is(await agent.stop(), 0);
  } finally {
    await broker.stop();
  }
});

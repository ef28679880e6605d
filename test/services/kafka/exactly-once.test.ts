import test, { type ExecutionContext } from 'ava';
import { AgentProcess, folderOf, until } from '../../plugins/inputs/kafka/agent.js';
import { type Letter, Producing } from '../../plugins/inputs/kafka/producer.js';
import { Broker, type ConsumerGroup, type Row } from './broker.js';

const RECORDS = 40_000;
const CHUNK = 1000;
const PARTITIONS = 4;
const SETTINGS = {
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

/** The group; empty before the first has joined. */
async function groupOf(broker: Broker): Promise<ConsumerGroup> {
  try {
    return await broker.group('g');
  } catch (error) {
    if (String(error).includes('GroupIdNotFound')) return { state: 'Dead', members: [], offsets: {} };
    throw error;
  }
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

test('agents join, leave, are killed and stopped, the broker is killed: each record is there once, in the order of its partition', async (t) => {
  const broker = await Broker.start({ topics: { logs: PARTITIONS, out: PARTITIONS }, settings: SETTINGS });
  try {
    const producing = await Producing.start(t, broker.bootstrap);
    const folder = folderOf(t);
    const agents = ['a', 'b', 'c'].map((name) => agentOf(t, name, folder, broker));
    const [a, b, c] = agents as [AgentProcess, AgentProcess, AgentProcess];
    const said = () => agents.map((agent) => `--- ${agent.name}\n${agent.said}`).join('\n');
    const steps: Readonly<Record<number, () => Promise<unknown>>> = {
      4: async () => {
        c.start();
        await shared(broker, 3, said);
      },
      10: async () => t.is(await b.stop(), 0),
      14: async () => await a.stop('SIGKILL'),
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
      30: async () => await c.stop('SIGKILL'),
    };
    a.start();
    b.start();
    await shared(broker, 2, said);
    for (let n = 0; n < RECORDS / CHUNK; n++) {
      const sent = producing.produce('logs', chunk(n * CHUNK));
      if (n === 33) {
        await broker.kill();
        await broker.start();
      }
      await sent;
      await steps[n]?.();
    }
    c.start();
    await passed(broker, said);
    t.is(await a.stop(), 0);
    t.is(await c.stop(), 0);
    areWhole(t, await broker.read('out'), RECORDS);
    const all = await broker.read('out', 'read_uncommitted');
    t.log(`${all.length - RECORDS} records of transactions that were taken back`);
    t.log(said().match(/taken back[^\n]*/g)?.length ?? 0, 'by their own agent');
    t.true(all.length > RECORDS, 'without transactions some would be there twice');
  } catch (error) {
    t.log(String(error).slice(0, 200));
    throw error;
  } finally {
    await broker.stop();
  }
});

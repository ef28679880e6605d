import { existsSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import test from 'ava';
import { AgentProcess, folderOf, until, type Written } from '../../plugins/inputs/kafka/agent.js';
import { type Letter, Producing } from '../../plugins/inputs/kafka/producer.js';
import { Broker, type ConsumerGroup } from './broker.js';
import { groupOf } from './group.js';

const CHUNK = 5000;
const PARTITIONS = 6;
const SETTINGS = { 'group.initial.rebalance.delay.ms': '0' };

function chunk(from: number, size = CHUNK): Letter[] {
  return Array.from({ length: size }, (_, i) => ({
    partition: (from + i) % PARTITIONS,
    value: `2026-03-02 10:11:12.123 7 INFO nova.compute.manager [-] number ${from + i}`,
  }));
}

/** How many members have partitions. */
function owners({ members }: ConsumerGroup): number {
  return members.filter(({ partitions }) => partitions.length > 0).length;
}

function numberOf({ message }: Written): number {
  return Number(/number (\d+)/.exec(message)?.[1]);
}

test('with the group protocol of KIP-848 partitions move as well', async (t) => {
  const broker = await Broker.start({ topics: { logs: PARTITIONS }, settings: SETTINGS });
  try {
    const producing = await Producing.start(t, broker.bootstrap);
    const folder = folderOf(t);
    const keys = { brokers: [broker.bootstrap], group: 'g', topics: ['logs'], librdkafka: { 'group.protocol': 'consumer' } };
    const agents = ['a', 'b'].map((name) => new AgentProcess(t, name, folder, keys));
    const [a, b] = agents as [AgentProcess, AgentProcess];
    const said = () => agents.map((agent) => agent.said).join('\n');
    const found = () => agents.flatMap((agent) => agent.written().map(numberOf));
    const stored = (count: number) =>
      until(
        () => found().length >= count,
        () => `${found().length} of ${count}\n${said()}`,
      );
    a.start();
    await producing.produce('logs', chunk(0));
    await stored(CHUNK);
    b.start();
    await until(async () => owners(await groupOf(broker)) === 2, said);
    await producing.produce('logs', chunk(CHUNK));
    await stored(2 * CHUNK);
    t.is(await a.stop(), 0);
    await producing.produce('logs', chunk(2 * CHUNK));
    await stored(3 * CHUNK);
    t.is(await b.stop(), 0);
    t.is(found().length, 3 * CHUNK);
    t.is(new Set(found()).size, 3 * CHUNK);
    t.true(agents.every((agent) => agent.written().length > 0));
  } finally {
    await broker.stop();
  }
});

/** An output that takes nothing until a file is there; the text of a plugin. */
const HANGING = `
import { appendFileSync, existsSync } from 'node:fs';
import { setTimeout as delay } from 'node:timers/promises';
export const plugin = {
  kind: 'output', type: 'hanging', summary: 'Hangs.',
  config: { safeParse: (data) => ({ success: true, data }) },
  create: ({ go, path }) => ({
    open: async () => {},
    encode: (records) => records.map((record) => record.message + '\\n').join(''),
    write: async (parcels, signal) => {
      while (!existsSync(go)) await delay(50, undefined, { signal });
      for (const parcel of parcels) appendFileSync(path, parcel);
      return [];
    },
    close: async () => {},
  }),
};
`;

test('an output that hangs for longer than the group waits for a poll costs no partition and repeats nothing', async (t) => {
  const broker = await Broker.start({ topics: { logs: PARTITIONS }, settings: SETTINGS });
  try {
    const producing = await Producing.start(t, broker.bootstrap);
    const folder = folderOf(t);
    writeFileSync(join(folder, 'hanging.mjs'), HANGING);
    const [go, path] = [join(folder, 'go'), join(folder, 'out')];
    const agent = new AgentProcess(
      t,
      'a',
      folder,
      {
        brokers: [broker.bootstrap],
        group: 'g',
        topics: ['logs'],
        session_timeout_ms: 6000,
        buffer_bytes: 1_000_000,
        librdkafka: { 'max.poll.interval.ms': 6000 },
      },
      { type: './hanging.mjs', go, path },
      { max_in_flight_bytes: 1_000_000 },
    );
    await producing.produce('logs', chunk(0, 50_000));
    agent.start();
    await until(
      async () => (await groupOf(broker)).members[0]?.partitions.length === PARTITIONS,
      () => agent.said,
    );
    const since = performance.now();
    await until(async () => {
      const { state, members } = await groupOf(broker);
      if (state !== 'Stable' || members[0]?.partitions.length !== PARTITIONS) throw new Error(`${state}: ${agent.said}`);
      return performance.now() - since > 15_000;
    }, 'a look');
    writeFileSync(go, '');
    const lines = () => (existsSync(path) ? readFileSync(path, 'utf8').split('\n').slice(0, -1) : []);
    await until(
      () => lines().length >= 50_000,
      () => `${lines().length}: ${agent.said}`,
    );
    t.is(await agent.stop(), 0);
    t.is(lines().length, 50_000);
    t.is(new Set(lines()).size, 50_000);
    t.is(agent.said.match(/partitions revoked/g)?.length ?? 0, 1, 'only when it left');
  } finally {
    await broker.stop();
  }
});

import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import test, { type ExecutionContext } from 'ava';
import { AgentProcess, folderOf, until } from '../../plugins/inputs/kafka/agent.js';
import { Producing } from '../../plugins/inputs/kafka/producer.js';
import { Broker } from './broker.js';
import { allCommitted, groupOf, shared, sizeOf, tailOf } from './group.js';
import { Load, peakWithin, residentOf } from './load.js';

const PARTITIONS = 4;
const OUTAGE_MS = 60_000;
const MEGABYTE = 1_048_576;
/** Messages have the time of their records, and what is older than a week would be removed. */
const SETTINGS = { 'log.retention.ms': '-1' };
/** Topics that go and come are looked for more often than by default, so that the test is short. */
const SOON = { 'topic.metadata.refresh.interval.ms': 500 };

/** How much of the configuration's own choice an agent may hold, in bytes. */
const BUFFER = 4 * MEGABYTE;
const IN_FLIGHT = 4 * MEGABYTE;
const QUEUE = 8 * MEGABYTE;
/**
 * What may come to the memory of an agent that has joined and has read nothing: `buffer_bytes` of messages, and as much that librdkafka has fetched;
 * `max_in_flight_bytes` as records, and once more as the documents that are written; the producer's queue. The rest is the heap: new objects take 32 MB
 * before they are collected, and the allocators keep some of what is free.
 */
const ALLOWED = 2 * BUFFER + 2 * IN_FLIGHT + QUEUE + 96 * MEGABYTE;

interface Route {
  readonly from: Broker;
  readonly to?: Broker;
  readonly input?: Readonly<Record<string, unknown>>;
  readonly output?: Readonly<Record<string, unknown>>;
}

/** An agent from the topic `logs` to the topic `out`. */
function agentOf(t: ExecutionContext, { from, to = from, input = {}, output = {} }: Route): AgentProcess {
  return new AgentProcess(
    t,
    'a',
    folderOf(t),
    {
      brokers: [from.bootstrap],
      client_id: 'a',
      group: 'g',
      topics: ['logs'],
      session_timeout_ms: 6000,
      commit_interval_ms: 200,
      ...input,
    },
    { type: 'kafka', brokers: [to.bootstrap], topic: 'out', ...output },
    { max_in_flight_bytes: IN_FLIGHT },
  );
}

/** Resolves when so many records are in the output. */
async function stored(broker: Broker, count: number, agent: AgentProcess): Promise<void> {
  await until(
    async () => (await sizeOf(broker, 'out')) >= count,
    () => tailOf([agent]),
    120_000,
  );
}

async function says(agent: AgentProcess, what: RegExp): Promise<void> {
  await until(
    () => what.test(agent.said),
    () => `${what}\n${tailOf([agent])}`,
  );
}

function times(agent: AgentProcess, what: RegExp): number {
  return agent.said.split('\n').filter((line) => what.test(line)).length;
}

const NONE_LOST = { lost: 0, missing: [], otherIds: 0, strangers: 0 };

/** What of the numbers below `count` is in the output, but for how often. */
async function lostOf(broker: Broker, count: number): Promise<typeof NONE_LOST | object> {
  const { lost, missing, otherIds, strangers } = await broker.numbered('out', count);
  return { lost, missing, otherIds, strangers };
}

test('the broker is gone for a minute under load: nothing is lost, the agent goes on, and its memory is bounded', async (t) => {
  t.timeout(360_000);
  const broker = await Broker.start({ topics: { logs: PARTITIONS, out: PARTITIONS }, settings: SETTINGS });
  try {
    const agent = agentOf(t, {
      from: broker,
      input: { buffer_bytes: BUFFER },
      output: { librdkafka: { 'queue.buffering.max.kbytes': QUEUE / 1024 } },
    });
    agent.start();
    await shared(broker, [agent]);
    const bound = residentOf(agent.pid) + ALLOWED;
    const load = await Load.start(t, broker.bootstrap, { topic: 'logs', partitions: PARTITIONS, records: 2000, everyMs: 50, length: 1000 });
    await stored(broker, 10_000, agent);
    await broker.kill();
    const peak = await peakWithin(OUTAGE_MS, agent.pid);
    await broker.start();
    const before = await sizeOf(broker, 'out');
    await stored(broker, before + 20_000, agent);
    const count = await load.stop();
    await allCommitted(broker, 'logs', [agent]);
    const after = residentOf(agent.pid);
    t.log(
      `${count} records; resident ${Math.round(peak / MEGABYTE)} MB while it was gone, ${Math.round(after / MEGABYTE)} MB after, bound ${Math.round(bound / MEGABYTE)} MB`,
    );
    t.true(Math.max(peak, after) < bound);
    t.is(await agent.stop(), 0, agent.said);
    t.is(times(agent, /no broker can be reached; reading/), 1, agent.said);
    t.is(times(agent, /no broker can be reached; records wait/), 1, agent.said);
    t.is(times(agent, /"reading goes on"/), 1, agent.said);
    t.deepEqual(await lostOf(broker, count), NONE_LOST);
  } finally {
    await broker.stop();
  }
});

test('the broker of the output stands still for a minute while the input has ever more: reading is held back, and the full queue of the producer too', async (t) => {
  t.timeout(360_000);
  const [from, to] = await Promise.all([
    Broker.start({ topics: { logs: PARTITIONS }, settings: SETTINGS }),
    Broker.start({ topics: { out: PARTITIONS }, settings: SETTINGS }),
  ]);
  try {
    const librdkafka = { 'queue.buffering.max.messages': 500 };
    const agent = agentOf(t, { from, to, input: { buffer_bytes: BUFFER }, output: { librdkafka } });
    agent.start();
    await shared(from, [agent]);
    const bound = residentOf(agent.pid) + ALLOWED;
    const load = await Load.start(t, from.bootstrap, { topic: 'logs', partitions: PARTITIONS, records: 2000, everyMs: 200, length: 1000 });
    await stored(to, 5000, agent);
    to.pause();
    const begun = load.next;
    const peak = await peakWithin(OUTAGE_MS, agent.pid);
    const waiting = load.next - begun;
    t.is((await groupOf(from)).members[0]?.partitions.length, PARTITIONS, 'it kept its partitions');
    to.resume();
    const count = await load.stop();
    await allCommitted(from, 'logs', [agent]);
    t.log(
      `${waiting} records of 1 kB came meanwhile; resident ${Math.round(peak / MEGABYTE)} MB, bound ${Math.round(bound / MEGABYTE)} MB`,
    );
    t.true(waiting * 1000 > ALLOWED - 96 * MEGABYTE, 'more came than may be held');
    t.true(peak < bound);
    t.is(await agent.stop(), 0, agent.said);
    t.true((agent.counts['inputs.in.pauses'] ?? 0) > 0, 'it paused its partitions');
    t.true((agent.counts['outputs.out.queue_full'] ?? 0) > 0, 'the queue was full');
    t.deepEqual(await lostOf(to, count), NONE_LOST);
  } finally {
    await Promise.all([from.stop(), to.stop()]);
  }
});

test('an input topic that is missing is waited for, in words; when it is made its records flow', async (t) => {
  t.timeout(240_000);
  const broker = await Broker.start({ topics: { out: 1 }, settings: SETTINGS });
  try {
    const agent = agentOf(t, { from: broker, input: { librdkafka: SOON } });
    agent.start();
    await says(agent, /a topic is not there; it is read when it is made/);
    await broker.createTopic('logs', PARTITIONS);
    const load = await Load.start(t, broker.bootstrap, { topic: 'logs', partitions: PARTITIONS, records: 100, everyMs: 20 });
    await stored(broker, 1000, agent);
    const count = await load.stop();
    await allCommitted(broker, 'logs', [agent]);
    t.is(await agent.stop(), 0, agent.said);
    t.is(times(agent, /a topic is not there/), 1, agent.said);
    t.is(times(agent, /"reading goes on"/), 1, agent.said);
    t.deepEqual(await lostOf(broker, count), NONE_LOST);
  } finally {
    await broker.stop();
  }
});

for (const read_from of ['beginning', 'end'] as const)
  test(`an input topic that is deleted and made anew under load, read_from ${read_from}: the agent goes on with the new one, from its first record`, async (t) => {
    t.timeout(240_000);
    const broker = await Broker.start({ topics: { logs: PARTITIONS, out: PARTITIONS }, settings: SETTINGS });
    try {
      const agent = agentOf(t, { from: broker, input: { read_from, librdkafka: SOON } });
      agent.start();
      await shared(broker, [agent]);
      const producing = await Producing.start(t, broker.bootstrap);
      const line = (text: string, i: number) => ({
        partition: i % PARTITIONS,
        value: `2026-03-02 10:11:12.123 7 INFO nova.compute.manager [-] ${text} ${i}`,
      });
      await producing.produce(
        'logs',
        Array.from({ length: 20_000 }, (_, i) => line('old', i)),
      );
      await stored(broker, 1000, agent);
      // By its forgotten offsets a topic is known to be another.
      await until(
        async () => Object.keys((await groupOf(broker)).offsets).length > 0,
        () => `something is committed\n${tailOf([agent])}`,
      );
      // It stands still, so that the new topic has records before it is found.
      agent.signal('SIGSTOP');
      await broker.deleteTopic('logs');
      await broker.createTopic('logs', PARTITIONS);
      const count = 5000;
      const another = await Producing.start(t, broker.bootstrap);
      await another.produce(
        'logs',
        Array.from({ length: count }, (_, i) => line('number', i)),
      );
      agent.signal('SIGCONT');
      await allCommitted(broker, 'logs', [agent]);
      t.is(await agent.stop(), 0, agent.said);
      const { lost, missing, repeats, otherIds } = await broker.numbered('out', count);
      t.deepEqual({ lost, missing, repeats, otherIds }, { lost: 0, missing: [], repeats: 0, otherIds: 0 }, agent.said);
      t.log(agent.counts);
    } finally {
      await broker.stop();
    }
  });

test('credentials that the brokers refuse are told once for each side, and when they are corrected the agent goes on by itself', async (t) => {
  t.timeout(240_000);
  const broker = await Broker.start({ topics: { logs: PARTITIONS, out: PARTITIONS }, settings: SETTINGS });
  try {
    const folder = folderOf(t);
    const ca_file = join(folder, 'ca.pem');
    writeFileSync(ca_file, broker.ca);
    const keys = {
      brokers: [broker.secure],
      tls: { ca_file },
      sasl: { mechanism: 'SCRAM-SHA-256', username: broker.user, password: 'corrected' },
    };
    const agent = agentOf(t, { from: broker, input: keys, output: keys });
    const load = await Load.start(t, broker.bootstrap, { topic: 'logs', partitions: PARTITIONS, records: 100, everyMs: 20 });
    agent.start();
    await says(agent, /refuse this member of the group; it waits/);
    await says(agent, /refuse messages; they wait/);
    await broker.setPassword('corrected');
    await stored(broker, 1000, agent);
    // Connections that are there stay; after a restart the password is asked for again.
    await broker.setPassword('another');
    await broker.restart();
    await until(
      () => times(agent, /refuse this member of the group; it waits/) === 2,
      () => agent.said,
    );
    await broker.setPassword('corrected');
    const before = await sizeOf(broker, 'out');
    await stored(broker, before + 1000, agent);
    const count = await load.stop();
    await allCommitted(broker, 'logs', [agent]);
    t.is(await agent.stop(), 0, agent.said);
    t.is(times(agent, /refuse this member of the group; it waits/), 2, agent.said);
    t.notRegex(agent.said, /corrected/);
    t.deepEqual(await lostOf(broker, count), NONE_LOST);
  } finally {
    await broker.stop();
  }
});

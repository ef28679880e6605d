import { rmSync } from 'node:fs';
import { join } from 'node:path';
import test, { type ExecutionContext } from 'ava';
import { folderOf, until } from '../../plugins/inputs/kafka/agent.js';
import { Producing } from '../../plugins/inputs/kafka/producer.js';
import { line, Member, TOPIC, templates } from '../../plugins/knowledge/kafka/fleet.js';
import { trilog } from '../search/trilog-process.js';
import { Broker } from './broker.js';
import { groupOf } from './group.js';

const SETTINGS = { 'group.initial.rebalance.delay.ms': '0' };

/** A broker with a compacted topic for what is learnt, and one of two partitions for logs. */
async function started(): Promise<Broker> {
  const broker = await Broker.start({ topics: { logs: 2 }, settings: SETTINGS });
  await broker.createTopic(TOPIC, 1, { 'cleanup.policy': 'compact' });
  return broker;
}

/** Two members of one group, each with a partition of the logs. */
async function pair(t: ExecutionContext, folder: string, broker: Broker, llm: Readonly<Record<string, unknown>> = {}) {
  const input = { type: 'kafka', brokers: [broker.bootstrap], group: 'g', topics: ['logs'], session_timeout_ms: 6000 };
  const [a, b] = await Promise.all([
    Member.start(t, folder, 'a', broker.bootstrap, { input, llm, label: 'network.failure' }),
    Member.start(t, folder, 'b', broker.bootstrap, { input, llm, label: 'auth.failure' }),
  ]);
  const members = [a, b] as const;
  await until(
    async () => (await owners(broker)) === members.length,
    () => said(members),
  );
  return members;
}

async function owners(broker: Broker): Promise<number> {
  return (await groupOf(broker)).members.filter(({ partitions }) => partitions.length > 0).length;
}

function said(members: readonly Member[]): string {
  return members.map(({ agent }) => agent.said).join('\n');
}

function written(members: readonly Member[]): number {
  return members.reduce((sum, member) => sum + member.written.length, 0);
}

async function templatesIn(broker: Broker): Promise<number> {
  return new Set((await broker.read(TOPIC)).map(([, , key]) => key)).size;
}

async function answers(broker: Broker): Promise<number> {
  return (await broker.ends(TOPIC)).reduce((sum, end) => sum + end, 0);
}

test('what one agent of a group had answered the other never asks, also after both began anew with empty memories', async (t) => {
  const broker = await started();
  try {
    const producing = await Producing.start(t, broker.bootstrap);
    const folder = folderOf(t);
    // What stands in the topic is in the other agent long before it would ask.
    const llm = { linger_ms: 5000, templates_per_request: 32 };
    const say = (partition: number, messages: readonly string[]) =>
      producing.produce(
        'logs',
        messages.map((message) => ({ partition, value: line(message) })),
      );
    const [turbines, valves] = [templates(30, 'turbine'), templates(30, 'valve')];
    const first = await pair(t, folder, broker, llm);
    const answered = (count: number) =>
      until(
        async () => (await answers(broker)) === count,
        () => said(first),
      );
    await Promise.all([say(0, turbines), say(1, valves)]);
    await answered(60);
    await Promise.all([say(0, valves), say(1, turbines)]);
    await until(
      () => written(first) === 120,
      () => said(first),
    );
    const counts = await Promise.all(first.map((member) => member.stop()));
    const asked = first.map((member) => member.asked);
    t.deepEqual(
      asked.map(({ length }) => length),
      [30, 30],
    );
    t.is(new Set(asked.flat()).size, 60, 'no template was asked for by both');
    t.deepEqual(
      counts,
      [30, 30].map((count) => ({ published: count, learnt: count })),
    );
    const rows = await broker.read(TOPIC);
    t.is(new Set(rows.map(([, , key]) => key)).size, 60);
    t.false(JSON.stringify(rows).includes('turbine'), 'nothing of the logs is in the topic');

    for (const name of ['a', 'b']) rmSync(join(folder, `${name}.data`), { recursive: true });
    const before = written(first);
    const second = await pair(t, folder, broker, llm);
    await Promise.all([say(0, [...turbines, ...valves]), say(1, [...turbines, ...valves])]);
    await until(
      () => written(second) === before + 120,
      () => said(second),
    );
    await until(
      async () => {
        await Promise.all([say(0, turbines), say(1, turbines)]);
        return second.every((member) => member.lastOf(turbines.at(-1) ?? '')?.[1] === 'llm');
      },
      () => said(second),
    );
    for (const member of second) await member.stop();
    t.deepEqual(
      second.map((member) => member.asked),
      [[], []],
    );
    t.is(await answers(broker), 60);
  } finally {
    await broker.stop();
  }
});

for (const labels of [
  ['storage.attachment', 'other'],
  ['other', 'storage.attachment'],
] as const) {
  test(`of conflicting answers all agents take the last: ${labels.join(', then ')}`, async (t) => {
    const broker = await started();
    try {
      const producing = await Producing.start(t, broker.bootstrap);
      const folder = folderOf(t);
      const what = 'the turbine has stopped';
      const a = await Member.start(t, folder, 'a', broker.bootstrap, { label: 'network.failure' });
      a.append(what);
      await until(
        async () => (await answers(broker)) === 1,
        () => a.agent.said,
      );
      const b = await Member.start(t, folder, 'b', broker.bootstrap, { label: 'auth.failure' });
      const [[, , key = '', value] = []] = await broker.read(TOPIC);
      const own = JSON.parse(value ?? '') as { readonly label: string };
      t.is(own.label, 'network.failure');
      await producing.produce(
        TOPIC,
        labels.map((label) => ({ partition: 0, key: key ?? '', value: JSON.stringify({ ...own, label }) })),
      );
      const c = await Member.start(t, folder, 'c', broker.bootstrap, { label: 'auth.failure' });
      const members = [a, b, c];
      await until(
        () => {
          for (const member of members) member.append(what);
          return members.every((member) => member.lastOf(what)?.[0] === labels[1]);
        },
        () => JSON.stringify(members.map((member) => member.lastOf(what))) + said(members),
      );
      for (const member of members) await member.stop();
      t.deepEqual(
        members.map(({ asked }) => asked.length),
        [1, 0, 0],
      );
    } finally {
      await broker.stop();
    }
  });
}

test('a broker that is away keeps nobody from asking, and is told what was answered when it is back', async (t) => {
  const broker = await started();
  try {
    const folder = folderOf(t);
    const known = (member: Member, what: string) =>
      until(
        () => {
          member.append(what);
          return member.lastOf(what)?.[1] === 'llm';
        },
        () => member.agent.said,
      );
    const a = await Member.start(t, folder, 'a', broker.bootstrap, { label: 'network.failure' });
    await known(a, 'the turbine has stopped');
    await until(
      async () => (await answers(broker)) === 1,
      () => a.agent.said,
    );
    await broker.kill();
    await known(a, 'the valve is stuck');
    const b = await Member.start(t, folder, 'b', broker.bootstrap, { label: 'auth.failure', topic: { start_wait_ms: 500 } });
    await known(b, 'the pump is dry');
    t.true(b.agent.said.includes('the language model is asked all the same'));
    await broker.start();
    // One whose acknowledgement was lost may be told twice.
    await until(
      async () => (await templatesIn(broker)) === 3,
      () => said([a, b]),
    );
    // Asks for nothing that was answered while the broker was away.
    const c = await Member.start(t, folder, 'c', broker.bootstrap, { label: 'other' });
    await known(c, 'the valve is stuck');
    await known(c, 'the pump is dry');
    t.deepEqual(c.lastOf('the pump is dry'), ['auth.failure', 'llm']);
    t.is(c.asked.length, 0);
    // Who was there before hears of others again, once it is connected.
    for (let heard = false, i = 0; !heard; i++) {
      const what = templates(100, 'boiler')[i] ?? '';
      const before = await answers(broker);
      await known(b, what);
      await until(
        async () => (await answers(broker)) > before,
        () => said([a, b]),
      );
      await known(a, what);
      heard = a.lastOf(what)?.[0] === 'auth.failure';
    }
    for (const member of [a, b, c]) await member.stop();
  } finally {
    await broker.stop();
  }
});

test('a topic that is missing is told with how to make it, is not made, and is used as soon as it is there', async (t) => {
  const broker = await Broker.start({ settings: { 'auto.create.topics.enable': 'true' } });
  try {
    const folder = folderOf(t);
    const member = await Member.start(t, folder, 'a', broker.bootstrap, { topic: { start_wait_ms: 100 } });
    member.append('the turbine has stopped');
    await member.model.received(1);
    await until(
      () => member.agent.said.includes(`there is no topic \\"${TOPIC}\\"`),
      () => member.agent.said,
    );
    const check = await trilog('check', '--connect', '-c', join(folder, 'a.yaml'));
    t.is(check.status, 69);
    t.regex(check.err, /classify\.memory\.topic: there is no topic "templates".*cleanup\.policy=compact/);
    await broker.createTopic(TOPIC, 1, { 'cleanup.policy': 'compact' });
    await until(
      async () => (await answers(broker)) === 1,
      () => member.agent.said,
    );
    t.deepEqual(await member.stop(), { published: 1 });
  } finally {
    await broker.stop();
  }
});

test('a topic that is made anew is read from its beginning', async (t) => {
  const broker = await started();
  try {
    const folder = folderOf(t);
    const [a, b] = await Promise.all(['a', 'b'].map((name) => Member.start(t, folder, name, broker.bootstrap)));
    if (a === undefined || b === undefined) throw new Error('two members');
    for (const what of ['the turbine has stopped', 'the valve is stuck']) a.append(what);
    await until(
      async () => (await answers(broker)) === 2,
      () => a.agent.said,
    );
    await broker.deleteTopic(TOPIC);
    await until(
      () => [a, b].every(({ agent }) => /there is no topic|the topic is not there/.test(agent.said)),
      () => said([a, b]),
    );
    await broker.createTopic(TOPIC, 1, { 'cleanup.policy': 'compact' });
    a.append('the pump is dry');
    await until(
      () => {
        b.append('the pump is dry');
        return b.lastOf('the pump is dry')?.[1] === 'llm';
      },
      () => said([a, b]),
    );
    for (const member of [a, b]) await member.stop();
    t.true(a.asked.length + b.asked.length <= 4, 'only who asks at the same moment asks twice');
  } finally {
    await broker.stop();
  }
});

import test from 'ava';
import { AgentProcess, folderOf, until } from '../../plugins/inputs/kafka/agent.js';
import { Producing } from '../../plugins/inputs/kafka/producer.js';
import { Broker, type ConsumerGroup } from './broker.js';
import { groupOf, shared, tailOf } from './group.js';

const PARTITIONS = 6;
const LINES = 600;

/** The partitions of each `instance_id`. */
function partitionsByInstance({ members }: ConsumerGroup): Readonly<Record<string, readonly string[]>> {
  return Object.fromEntries(members.map(({ instance, partitions }) => [instance, partitions]));
}

function lines(from: number, count: number) {
  return Array.from({ length: count }, (_, i) => ({
    partition: i % PARTITIONS,
    value: `2026-03-02 10:11:12.123 7 INFO nova.compute.manager [-] number ${from + i}`,
  }));
}

function numbersOf(agents: readonly AgentProcess[]): number[] {
  return agents.flatMap((agent) => agent.written().map(({ message }) => Number(/number (\d+)/.exec(message)?.[1])));
}

test('with instance_id, an agent that is restarted or killed and restarted takes up its partitions, and those of the others do not move', async (t) => {
  t.timeout(180_000);
  const broker = await Broker.start({ topics: { logs: PARTITIONS } });
  try {
    const producing = await Producing.start(t, broker.bootstrap);
    const folder = folderOf(t);
    // Longer than the test: that nothing moves is not for want of time.
    const keys = { brokers: [broker.bootstrap], group: 'g', topics: ['logs'], session_timeout_ms: 300_000, commit_interval_ms: 100 };
    const agents = ['a', 'b'].map((name) => new AgentProcess(t, name, folder, { ...keys, client_id: name, instance_id: `i-${name}` }));
    const [a, b] = agents as [AgentProcess, AgentProcess];
    a.start();
    await shared(broker, [a]);
    b.start();
    const before = partitionsByInstance(await shared(broker, [a, b]));
    // The group knows it before the member does.
    await until(
      () => /"partitions assigned","partitions":\["logs/.test(b.said),
      () => tailOf(agents),
    );
    const assigned = () => b.said.match(/partitions (assigned|revoked)/g)?.length;
    const [changes, events] = [() => a.said.match(/partitions assigned/g)?.length ?? 0, assigned()];
    for (const [round, signal] of (['SIGTERM', 'SIGKILL'] as const).entries()) {
      const had = changes();
      t.is(await a.stop(signal), signal === 'SIGTERM' ? 0 : null);
      t.deepEqual(partitionsByInstance(await groupOf(broker)), before, 'the group waits for it');
      await producing.produce('logs', lines(round * LINES, LINES));
      a.start();
      await until(
        () => changes() > had && new Set(numbersOf(agents)).size === (round + 1) * LINES,
        () => tailOf(agents),
      );
      t.deepEqual(partitionsByInstance(await groupOf(broker)), before);
    }
    t.is(assigned(), events, 'the other had no rebalance');
    t.is(await b.stop(), 0);
    t.is(await a.stop(), 0);
  } finally {
    await broker.stop();
  }
});

test('an instance_id that is used twice: the earlier agent says so in words and goes on, and nothing is lost', async (t) => {
  t.timeout(180_000);
  const broker = await Broker.start({ topics: { logs: PARTITIONS } });
  try {
    const producing = await Producing.start(t, broker.bootstrap);
    const folder = folderOf(t);
    const keys = { brokers: [broker.bootstrap], group: 'g', topics: ['logs'], session_timeout_ms: 6000, commit_interval_ms: 100 };
    const agents = ['a', 'b'].map((name) => new AgentProcess(t, name, folder, { ...keys, client_id: name, instance_id: 'same' }));
    const [a, b] = agents as [AgentProcess, AgentProcess];
    a.start();
    await shared(broker, [a]);
    b.start();
    await until(
      () => /another member has the same `instance_id`: each agent needs its own/.test(a.said),
      () => tailOf(agents),
    );
    await producing.produce('logs', lines(0, LINES));
    await until(
      () => new Set(numbersOf(agents)).size === LINES,
      () => tailOf(agents),
    );
    // With one of them gone the other has all for itself.
    t.is(await b.stop(), 0, b.said);
    await producing.produce('logs', lines(LINES, LINES));
    await until(
      () => new Set(numbersOf(agents)).size === 2 * LINES,
      () => tailOf(agents),
      90_000,
    );
    t.is(await a.stop(), 0, a.said);
  } finally {
    await broker.stop();
  }
});

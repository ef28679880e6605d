import type { ExecutionContext } from 'ava';
import { AgentProcess, folderOf, until } from '../../plugins/inputs/kafka/agent.js';
import { type Letter, Producing } from '../../plugins/inputs/kafka/producer.js';
import { Broker, type Numbered } from './broker.js';
import { allCommitted, shared, sizeOf, tailOf } from './group.js';

const PARTITIONS = 12;
/** As many as take turns, so that each partition has lines of several. */
const KEYS = 7;
const CHUNK = 5000;

export interface Storm {
  readonly records: number;
  /** What the output promises. */
  readonly delivery: 'at_least_once' | 'exactly_once';
}

function numbered(from: number, count: number): Letter[] {
  return Array.from({ length: count }, (_, i) => ({
    partition: (from + i) % PARTITIONS,
    key: `compute-${(from + i) % KEYS}`,
    value: `2026-03-02 10:11:12.123 7 INFO nova.compute.manager [-] number ${from + i}`,
  }));
}

/**
 * Numbered records go from topic to topic through agents of one group, while those join, leave, are killed and are paused for longer than their session, and
 * the broker is killed. In each step records are written, and it is not over before the group has just the members that it should have.
 * @returns what is in the output then, read by Kafka's own client.
 */
export async function storm(t: ExecutionContext, { records, delivery }: Storm): Promise<Numbered> {
  t.timeout(900_000);
  // Messages have the time of their records, and what is older than a week would be removed.
  const settings = { 'log.retention.ms': '-1' };
  const broker = await Broker.start({ topics: { logs: PARTITIONS, out: PARTITIONS }, settings, heapMegabytes: 768 });
  try {
    const producing = await Producing.start(t, broker.bootstrap);
    const folder = folderOf(t);
    const agentOf = (name: string) => {
      const client = { brokers: [broker.bootstrap], client_id: name };
      const input = { ...client, group: 'g', topics: ['logs'], session_timeout_ms: 4000, commit_interval_ms: 500 };
      const output = { type: 'kafka', ...client, topic: 'out', key: 'host', ...(delivery === 'exactly_once' && { delivery }) };
      return new AgentProcess(t, name, folder, input, output);
    };
    const [a, b, c, d] = [agentOf('a'), agentOf('b'), agentOf('c'), agentOf('d')];
    const all = [a, b, c, d];
    const starting = async (agents: readonly AgentProcess[], then = agents) => {
      for (const agent of agents) agent.start();
      await shared(broker, then);
    };
    const killed = async (agents: readonly AgentProcess[]) => {
      for (const agent of agents) t.is(await agent.stop('SIGKILL'), null, 'it was still alive');
    };
    const signalled = async (signal: NodeJS.Signals, agents: readonly AgentProcess[], then: readonly AgentProcess[]) => {
      for (const agent of agents) agent.signal(signal);
      await shared(broker, then);
    };
    const steps: readonly (() => Promise<void>)[] = [
      () => starting([c], [a, b, c]),
      () => starting([d], all),
      async () => {
        t.is(await b.stop(), 0, b.said);
        await shared(broker, [a, c, d]);
      },
      async () => {
        await killed([a]);
        await shared(broker, [c, d]);
      },
      () => starting([a, b], all),
      () => signalled('SIGSTOP', [c], [a, b, d]),
      () => signalled('SIGCONT', [c], all),
      async () => {
        // Its successor meets the member that nobody has missed yet.
        await killed([d]);
        await starting([d], all);
      },
      async () => {
        await broker.kill();
        await broker.start();
        await shared(broker, all);
      },
      () => signalled('SIGSTOP', [a, b], [c, d]),
      () => signalled('SIGCONT', [a, b], all),
      async () => {
        t.is(await c.stop(), 0, c.said);
        await killed([a]);
        await starting([a, c], all);
      },
      async () => {
        await signalled('SIGSTOP', [d], [a, b, c]);
        await killed([d]);
        await starting([d], all);
      },
      async () => {
        // All at once.
        d.signal('SIGSTOP');
        const leaves = b.stop();
        await killed([a]);
        t.is(await leaves, 0, b.said);
        await shared(broker, [c]);
      },
      async () => {
        a.start();
        d.signal('SIGCONT');
        await starting([b], all);
      },
      async () => {
        await killed(all);
        await starting(all);
      },
    ];
    await starting([a, b]);
    const share = Math.ceil(records / steps.length);
    for (const [i, step] of steps.entries()) {
      const [from, to] = [i * share, Math.min(records, (i + 1) * share)];
      const before = await sizeOf(broker, 'out');
      const written = write(producing, from, to);
      // What happens now happens to records that are under way.
      await until(
        async () => (await sizeOf(broker, 'out')) > before,
        () => tailOf(all),
      );
      await step();
      await written;
    }
    await allCommitted(broker, 'logs', all);
    for (const agent of all) t.is(await agent.stop(), 0, agent.said);
    t.deepEqual((await broker.group('g')).members, []);
    const assignments = all.map(({ said }) => said.match(/partitions assigned/g)?.length ?? 0);
    const found = await broker.numbered('out', records);
    t.log(`${delivery}: ${found.repeats} repeats of ${records}; assignments of each agent: ${assignments.join(', ')}`);
    return found;
  } finally {
    await broker.stop();
  }
}

async function write(producing: Producing, from: number, to: number): Promise<void> {
  for (let next = from; next < to; next += CHUNK) await producing.produce('logs', numbered(next, Math.min(CHUNK, to - next)));
}

import test from 'ava';
import { AgentProcess, folderOf, until } from '../../plugins/inputs/kafka/agent.js';
import { type Letter, Producing } from '../../plugins/inputs/kafka/producer.js';
import { Broker } from './broker.js';
import { allCommitted, groupOf, shared, tailOf } from './group.js';

const PARTITIONS = 4;
const RECORDS = 4000;
const SETTINGS = { 'log.retention.ms': '-1', 'group.initial.rebalance.delay.ms': '0' };

function numbered(from: number, count: number): Letter[] {
  return Array.from({ length: count }, (_, i) => ({
    partition: (from + i) % PARTITIONS,
    value: `2026-03-02 10:11:12.123 7 INFO nova.compute.manager [-] number ${from + i}`,
  }));
}

for (const delivery of ['at_least_once', 'exactly_once'])
  test(`${delivery}: agents join while offsets of the group are in an open transaction: no record is read before them`, async (t) => {
    const broker = await Broker.start({ topics: { logs: PARTITIONS, out: PARTITIONS }, settings: SETTINGS });
    try {
      const producing = await Producing.start(t, broker.bootstrap);
      const folder = folderOf(t);
      const agents = ['a', 'b', 'c', 'd'].map((name) => {
        const client = { brokers: [broker.bootstrap], client_id: name };
        const input = { ...client, group: 'g', topics: ['logs'], session_timeout_ms: 6000 };
        const output = { type: 'kafka', ...client, topic: 'out', ...(delivery === 'exactly_once' && { delivery }) };
        return new AgentProcess(t, name, folder, input, output);
      });
      const [a, b, c, d] = agents as [AgentProcess, AgentProcess, AgentProcess, AgentProcess];
      a.start();
      await shared(broker, [a]);
      await producing.produce('logs', numbered(0, RECORDS));
      await allCommitted(broker, 'logs', [a]);
      t.is(await a.stop(), 0, a.said);

      await until(
        async () => (await groupOf(broker)).members.length === 0,
        () => a.said,
      );
      // Of the last partition they are known: it must not wait for the others.
      const ends = await broker.ends('logs');
      await broker.pend('g', 'logs', ends.slice(0, -1));
      for (const agent of [b, c, d]) {
        agent.start();
        await until(
          async () => (await groupOf(broker)).members.some(({ client }) => client === agent.name),
          () => tailOf(agents),
        );
      }
      await shared(broker, [b, c, d]);
      await producing.produce('logs', numbered(RECORDS, RECORDS));
      const written = await broker.ends('logs');
      const last = PARTITIONS - 1;
      await until(
        async () => (await groupOf(broker)).offsets['logs']?.[last] === written[last],
        () => tailOf(agents),
      );
      await broker.settle();
      await allCommitted(broker, 'logs', [b, c, d]);
      for (const agent of [b, c, d]) t.is(await agent.stop(), 0, agent.said);
      const { repeats, lost } = await broker.numbered('out', 2 * RECORDS);
      t.deepEqual({ repeats, lost }, { repeats: 0, lost: 0 });
    } finally {
      await broker.stop();
    }
  });

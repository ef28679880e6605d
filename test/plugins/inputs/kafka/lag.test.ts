import test from 'ava';
import { messagesBehind } from '../../../../plugins/inputs/kafka/lag.js';
import { AgentProcess, folderOf, until } from './agent.js';
import { Producing } from './producer.js';

test('behind is from the first message that is not stored to the end', (t) => {
  const ends = new Map([
    [0, 100],
    [1, 50],
    [2, 70],
  ]);
  const of = (...partitions: { partition: number; first: number; committable: number }[]): number =>
    messagesBehind(
      partitions.map((one) => ({ topic: 'logs', ...one })),
      (_, partition) => ends.get(partition) ?? null,
    );
  t.is(of({ partition: 0, first: 40, committable: -1 }), 60, 'it came, and is not handed out');
  t.is(of({ partition: 0, first: 40, committable: 90 }), 10);
  t.is(of({ partition: 0, first: 40, committable: 90 }, { partition: 1, first: 0, committable: 0 }), 60);
  t.is(of({ partition: 2, first: -1, committable: -1 }), 0, 'nothing came');
  t.is(of({ partition: 2, first: 0, committable: 71 }), 0, 'the end is older than what came');
  t.is(of({ partition: 9, first: 0, committable: 5 }), 0, 'the end is not known');
});

interface Status {
  readonly inputs: readonly [
    { readonly lag: unknown; readonly behind_seconds: number | null; readonly counts: { readonly records?: number } },
  ];
}

/** What the agent shows of itself, on the port that it says. */
async function statusOf(agent: AgentProcess): Promise<Status | null> {
  const line = agent.said.split('\n').find((line) => line.includes('metrics and status can be read'));
  if (line === undefined) return null;
  const { port } = JSON.parse(line) as { port: number };
  return (await (await fetch(`http://127.0.0.1:${port}/status`)).json()) as Status;
}

test('an agent says how many messages it has not stored', async (t) => {
  const cluster = await Producing.start(t);
  const line = '2026-03-02 10:11:12.123 7 INFO nova.compute.manager [-] x';
  await cluster.produce(
    'logs',
    Array.from({ length: 100 }, (_, i) => ({ partition: i % 4, value: line })),
  );
  const keys = { brokers: [cluster.bootstrap], topics: ['logs'], session_timeout_ms: 6000 };
  const shows = { telemetry: { listen: '127.0.0.1:0' } };
  const stores = new AgentProcess(t, 'a', folderOf(t), { ...keys, group: 'a' }, {}, {}, { bert: false }, shows);
  const nowhere = { type: 'kafka', brokers: ['127.0.0.1:1'], topic: 'out' };
  const cannot = new AgentProcess(t, 'b', folderOf(t), { ...keys, group: 'b' }, nowhere, {}, { bert: false }, shows);
  stores.start();
  cannot.start();
  const isSo = async (agent: AgentProcess, amount: number): Promise<boolean> => {
    const input = (await statusOf(agent))?.inputs[0];
    return input?.counts.records === 100 && JSON.stringify(input.lag) === JSON.stringify({ unit: 'messages', amount });
  };
  await until(
    () => isSo(stores, 0),
    () => stores.said,
  );
  await until(
    () => isSo(cannot, 100),
    () => cannot.said,
  );
  t.true(((await statusOf(stores))?.inputs[0].behind_seconds ?? 0) > 86_400);
  t.is((await statusOf(cannot))?.inputs[0].behind_seconds, null);
  t.is(await stores.stop(), 0);
});

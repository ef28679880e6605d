import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { join } from 'node:path';
import { text } from 'node:stream/consumers';
import { setTimeout as pause } from 'node:timers/promises';
import test, { type ExecutionContext } from 'ava';
import { PACKAGE_ROOT } from '../../../src/paths.js';
import { MAIN } from '../../commands/trilog.js';
import { folderOf } from '../search/trilog-process.js';
import { Broker } from './broker.js';

const WAIT_MS = 60_000;
const LINES = 400;

/** Of the Elastic Common Schema, what is looked at here. */
interface Document {
  readonly trilog: { readonly label: string };
  readonly host: { readonly name: string };
  readonly service: { readonly name: string };
  readonly error?: { readonly type: string };
}

/** Runs an example until so many messages have come to these topics, and stops it. */
async function run(t: ExecutionContext, broker: Broker, name: string, topics: readonly string[], count: number): Promise<void> {
  const agent = spawn(process.execPath, [MAIN, 'run', '-c', join(PACKAGE_ROOT, 'examples', name)], {
    env: { ...process.env, KAFKA_BROKER: broker.bootstrap, TRILOG_DATA: folderOf(t) },
    stdio: ['ignore', 'ignore', 'pipe'],
  });
  t.teardown(() => agent.kill('SIGKILL'));
  const [ended, said] = [once(agent, 'exit'), text(agent.stderr)];
  const sent = async (): Promise<number> =>
    (await Promise.all(topics.map((topic) => broker.ends(topic)))).flat().reduce((sum, end) => sum + end, 0);
  const until = performance.now() + WAIT_MS;
  while ((await sent()) < count && performance.now() < until) await pause(100);
  agent.kill('SIGTERM');
  t.deepEqual(await ended, [0, null], await said);
}

async function documents(broker: Broker, topic: string): Promise<Document[]> {
  return (await broker.read(topic)).map(([, , , value]) => JSON.parse(value ?? '') as Document);
}

test('examples/kafka.yaml reads lines from Kafka and sends each record on, problems to a topic of their own', async (t) => {
  t.timeout(240_000);
  const broker = await Broker.start({ topics: { 'openstack.logs': 2, 'openstack.classified': 2, 'openstack.problems': 1 } });
  try {
    const line = (i: number): string =>
      i % 10 === 0
        ? `2026-03-02 10:11:12.123 7 ERROR nova.compute.manager [-] Instance failed to spawn (number ${i})`
        : `2026-03-02 10:11:12.123 7 INFO nova.compute.manager [-] Took ${i}.10 seconds to build instance.`;
    for (const partition of [0, 1])
      await broker.produce(
        'openstack.logs',
        partition,
        Array.from({ length: LINES / 2 }, (_, i) => line(2 * i + partition)),
      );
    await run(t, broker, 'kafka.yaml', ['openstack.classified', 'openstack.problems'], LINES);
    const problems = (await documents(broker, 'openstack.problems')).map(({ trilog }) => trilog.label);
    t.deepEqual([problems.length, ...new Set(problems)], [LINES / 10, 'instance.failure']);
    t.is((await documents(broker, 'openstack.classified')).length, LINES - LINES / 10);
    const { offsets } = await broker.group('trilog');
    t.deepEqual(Object.values(offsets), [{ 0: LINES / 2, 1: LINES / 2 }], 'all that was stored is committed');
  } finally {
    await broker.stop();
  }
});

test('examples/fluentd-kafka.yaml takes the lines that Fluentd tailed, and joins a traceback that came line by line', async (t) => {
  t.timeout(240_000);
  const broker = await Broker.start({ topics: { 'openstack.logs': 1, 'openstack.classified': 1 } });
  try {
    const tailed = (host: string, message: string): string =>
      JSON.stringify({ message, path: '/var/log/nova/nova-compute.log', hostname: host, stream: `${host} /var/log/nova/nova-compute.log` });
    const prefix = '2026-03-02 10:11:12.123 7 ERROR nova.compute.manager';
    await broker.produce('openstack.logs', 0, [
      tailed('compute01', `${prefix} [-] Instance failed to spawn: ValueError: no`),
      tailed('compute02', '2026-03-02 10:11:12.123 7 INFO nova.compute.manager [-] Took 1.10 seconds to build instance.'),
      tailed('compute01', `${prefix} Traceback (most recent call last):`),
      tailed('compute02', '2026-03-02 10:11:13.123 7 INFO nova.compute.manager [-] Took 2.10 seconds to build instance.'),
      tailed('compute01', `${prefix}   File "/x.py", line 1, in spawn`),
      tailed('compute01', `${prefix} ValueError: no`),
    ]);
    await run(t, broker, 'fluentd-kafka.yaml', ['openstack.classified'], 3);
    const found = await documents(broker, 'openstack.classified');
    t.deepEqual(found.map(({ trilog, host, service }) => [trilog.label, host.name, service.name]).toSorted(), [
      ['instance.failure', 'compute01', 'nova-compute'],
      ['instance.lifecycle', 'compute02', 'nova-compute'],
      ['instance.lifecycle', 'compute02', 'nova-compute'],
    ]);
    t.is(found.find(({ error }) => error !== undefined)?.error?.type, 'ValueError');
  } finally {
    await broker.stop();
  }
});

test("examples/kolla-kafka.yaml keeps the names that kolla's fluentd gave, and says what happened beside them", async (t) => {
  t.timeout(240_000);
  const broker = await Broker.start({ topics: { 'openstack.kolla': 1, 'openstack.classified': 1 } });
  try {
    const record = {
      Timestamp: '2026-03-02 10:11:12.123',
      Pid: '7',
      log_level: 'ERROR',
      python_module: 'nova.compute.manager',
      request_id: '3f1f0a62-6a8b-4a52-b1a5-96c2b0b1f0aa',
      Payload: ' [instance: b9e6c2f4-1c0d-4a3e-9d55-6f7a8b9c0d1e] Instance failed to spawn',
      Hostname: 'compute01',
      Logger: 'openstack.nova',
      programname: 'nova-compute',
    };
    await broker.produce('openstack.kolla', 0, [JSON.stringify(record)]);
    await run(t, broker, 'kolla-kafka.yaml', ['openstack.classified'], 1);
    const [found] = await documents(broker, 'openstack.classified');
    t.is(found?.trilog.label, 'instance.failure');
    const { Timestamp: _, ...named } = record;
    const { Hostname, Logger, Pid, log_level, programname, python_module, request_id, Payload } = found as Document & typeof record;
    t.deepEqual(
      { Hostname, Logger, Pid, log_level, programname, python_module, request_id, Payload: Payload.trim() },
      { ...named, Payload: record.Payload.trim() },
    );
  } finally {
    await broker.stop();
  }
});

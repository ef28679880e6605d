import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { join } from 'node:path';
import { text } from 'node:stream/consumers';
import { setTimeout as pause } from 'node:timers/promises';
import test from 'ava';
import { PACKAGE_ROOT } from '../../../src/paths.js';
import { MAIN } from '../../commands/trilog.js';
import { folderOf } from '../search/trilog-process.js';
import { Broker } from './broker.js';

const WAIT_MS = 60_000;
const LINES = 400;

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
    const env = { ...process.env, KAFKA_BROKER: broker.bootstrap, TRILOG_DATA: folderOf(t) };
    const agent = spawn(process.execPath, [MAIN, 'run', '-c', join(PACKAGE_ROOT, 'examples', 'kafka.yaml')], {
      env,
      stdio: ['ignore', 'ignore', 'pipe'],
    });
    t.teardown(() => agent.kill('SIGKILL'));
    const [ended, said] = [once(agent, 'exit'), text(agent.stderr)];
    const sent = async (topic: string): Promise<number> => (await broker.ends(topic)).reduce((sum, end) => sum + end, 0);
    const until = performance.now() + WAIT_MS;
    while ((await sent('openstack.classified')) + (await sent('openstack.problems')) < LINES && performance.now() < until) await pause(100);
    agent.kill('SIGTERM');
    t.deepEqual(await ended, [0, null], await said);
    const labels = async (topic: string): Promise<string[]> =>
      (await broker.read(topic)).map(([, , , value]) => (JSON.parse(value ?? '') as { trilog: { label: string } }).trilog.label);
    const problems = await labels('openstack.problems');
    t.deepEqual([problems.length, ...new Set(problems)], [LINES / 10, 'instance.failure']);
    t.is((await labels('openstack.classified')).length, LINES - LINES / 10);
    const { offsets } = await broker.group('trilog');
    t.deepEqual(Object.values(offsets), [{ 0: LINES / 2, 1: LINES / 2 }], 'all that was stored is committed');
  } finally {
    await broker.stop();
  }
});

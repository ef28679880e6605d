import { join } from 'node:path';
import test from 'ava';
import { trilog } from '../../../services/search/trilog-process.js';
import { folderOf, until } from '../../inputs/kafka/agent.js';
import { Producing } from '../../inputs/kafka/producer.js';
import { Member, TOPIC } from './fleet.js';

const WHAT = 'the turbine has stopped';

test('an agent that starts later asks nothing that another has answered, and rubbish in the topic does no harm', async (t) => {
  const cluster = await Producing.start(t);
  await cluster.produce(TOPIC, [
    { partition: 0, value: 'rubbish' },
    { partition: 0, key: 'f'.repeat(32), value: '{"v":' },
    { partition: 1, key: 'f'.repeat(32), value: '{"v":7}' },
    { partition: 2, key: 'e'.repeat(32), value: null },
  ]);
  const folder = folderOf(t);
  const first = await Member.start(t, folder, 'first', cluster.bootstrap);
  first.append(WHAT);
  await first.model.received(1);
  // Once it is said, each record has it.
  await until(
    () => {
      first.append(WHAT);
      return first.lastOf(WHAT)?.[1] === 'llm';
    },
    () => first.agent.said,
  );
  const counts = await first.stop();
  t.like(counts, { published: 1, forgotten: 1, 'ignored.key': 1, 'ignored.no_json': 1, 'ignored.version': 1 });
  const second = await Member.start(t, folder, 'second', cluster.bootstrap, { label: 'other' });
  await until(
    () => {
      second.append(WHAT);
      return second.lastOf(WHAT)?.[1] === 'llm';
    },
    () => second.agent.said,
  );
  t.deepEqual(second.lastOf(WHAT), ['network.failure', 'llm']);
  t.is((await second.stop())['learnt'], 1);
  t.deepEqual(second.asked, []);
});

test('an agent whose brokers are down starts, says so, asks by itself after a while, and ends', async (t) => {
  const member = await Member.start(t, folderOf(t), 'alone', '127.0.0.1:9', { topic: { start_wait_ms: 100 } });
  member.append(WHAT);
  await member.model.received(1);
  await until(
    () => member.agent.said.includes('the topic of the memory cannot be read'),
    () => member.agent.said,
  );
  t.true(member.agent.said.includes('the language model is asked all the same'));
  await until(
    () => {
      member.append(WHAT);
      return member.lastOf(WHAT)?.[1] === 'llm';
    },
    () => member.agent.said,
  );
  t.deepEqual(await member.stop(), {});
});

test('check says what is wrong with the topic, and with its keys', async (t) => {
  const folder = folderOf(t);
  const check = async (name: string, topic: Readonly<Record<string, unknown>>) => {
    const member = await Member.start(t, folder, name, '127.0.0.1:9', { topic });
    await member.agent.stop('SIGKILL');
    return await trilog('check', '--connect', '-c', join(folder, `${name}.yaml`));
  };
  const down = await check('down', {});
  t.not(down.status, 0);
  t.regex(down.err, /classify\.memory\.topic: no broker can be reached/);
  const owned = await check('owned', { librdkafka: { partitioner: 'random' } });
  t.is(owned.status, 78);
  t.regex(owned.err, /classify\.memory\.topic\.librdkafka: `partitioner` is trilog's to set/);
  const unknown = await check('unknown', { librdkafka: { 'no.such': 1 } });
  t.not(unknown.status, 0);
  t.regex(unknown.err, /classify\.memory\.topic: .*no\.such/);
});

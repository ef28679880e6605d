import test from 'ava';
import { OutputDriver } from './output-driver.js';

/** librdkafka's own imitation of a cluster lives in the client that asks for it; topics are made when they are asked for. */
const IMITATED = { brokers: ['localhost:1'], topic: 'logs', librdkafka: { 'test.mock.num.brokers': 1 } };

test('records go through librdkafka to an imitated broker, each with its report', async (t) => {
  const driver = new OutputDriver(t);
  await driver.open({ ...IMITATED, key: 'host' });
  const records = Array.from({ length: 3000 }, (_, i) => ({
    message: `record ${i}`,
    host: `host${i % 3}`,
    timestamp: Date.UTC(2026, 2, 2),
  }));
  t.deepEqual(await driver.write(records), { rejections: [], failures: [] });
  await driver.check();
  t.deepEqual([await driver.told(), await driver.counts()], [[], {}]);
  await driver.close();
});

test('a record that is longer than allowed is a dead letter, and the others go', async (t) => {
  const driver = new OutputDriver(t);
  await driver.open({ ...IMITATED, max_message_bytes: 2000 });
  const { rejections } = await driver.write([{ message: 'a' }, { message: 'x'.repeat(5000), givenId: 'long' }, { message: 'b' }]);
  t.is(JSON.parse(rejections[0]?.document ?? '').event.id, 'long');
  t.is(rejections.length, 1);
  await driver.close();
});

test('no broker: the start goes on, and the reason is told', async (t) => {
  const driver = new OutputDriver(t);
  await driver.open({ brokers: ['127.0.0.1:1'], topic: 'logs' });
  t.regex((await driver.told()).join(), /no broker can be reached.*Connection refused/);
  await driver.close();
});

test('a property that librdkafka does not know ends the start', async (t) => {
  const driver = new OutputDriver(t);
  await t.throwsAsync(driver.open({ ...IMITATED, librdkafka: { 'no.such.property': 1 } }), {
    message: /KAFKA_UNUSABLE.*no\.such\.property/,
  });
  await driver.close();
});

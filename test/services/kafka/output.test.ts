import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import test from 'ava';
import { type Fields, OutputDriver } from '../../plugins/outputs/kafka/output-driver.js';
import { Broker, type Row } from './broker.js';

const KEYS = 7;

/** Numbered records of some hosts. */
function numbered(count: number, from = 0): Fields[] {
  return Array.from({ length: count }, (_, i) => ({
    message: `record ${from + i}`,
    givenId: `id-${from + i}`,
    host: `host${(from + i) % KEYS}`,
  }));
}

function idsOf(rows: readonly Row[]): string[] {
  return rows.map(([, , , value]) => JSON.parse(value ?? '').event.id);
}

/** The numbers of each key, in the order in which they lie. */
function numbersByKey(rows: readonly Row[]): number[][] {
  const byKey = new Map<string, number[]>();
  for (const [, , key, value] of rows.toSorted((a, b) => a[0] - b[0] || a[1] - b[1])) {
    const numbers = byKey.get(key ?? '') ?? [];
    byKey.set(key ?? '', numbers);
    numbers.push(Number(JSON.parse(value ?? '').event.id.slice(3)));
  }
  return [...byKey.values()];
}

/** Resolves when the log of the output says it. */
async function says(driver: OutputDriver, what: RegExp): Promise<string> {
  for (;;) {
    const found = (await driver.told()).find((line) => what.test(line));
    if (found !== undefined) return found;
    await new Promise((resolve) => setImmediate(resolve));
  }
}

test('every record is there once, and in order for each key, though the broker is killed and started again under load', async (t) => {
  const broker = await Broker.start({ topics: { logs: 4 } });
  try {
    const driver = new OutputDriver(t);
    await driver.open({ brokers: [broker.bootstrap], topic: 'logs', key: 'host', librdkafka: { 'reconnect.backoff.max.ms': 500 } });
    const count = 60_000;
    const first = driver.write(numbered(count));
    // Not before some are there.
    while ((await broker.ends('logs')).reduce((sum, end) => sum + end, 0) < 1000);
    await broker.kill();
    await broker.start();
    t.deepEqual((await first).rejections, []);
    await driver.write(numbered(1000, count));
    const rows = await broker.read('logs');
    t.is(rows.length, count + 1000);
    t.is(new Set(idsOf(rows)).size, count + 1000);
    for (const numbers of numbersByKey(rows))
      t.deepEqual(
        numbers,
        numbers.toSorted((a, b) => a - b),
      );
    await driver.close();
  } finally {
    await broker.stop();
  }
});

test('a topic that is missing ends the start; one that goes away is told, and its records come when it is made again', async (t) => {
  const broker = await Broker.start({ topics: { problems: 1 } });
  try {
    const unlucky = new OutputDriver(t);
    await t.throwsAsync(unlucky.open({ brokers: [broker.bootstrap], topic: 'nowhere' }), { message: /there is no topic "nowhere"/ });
    const driver = new OutputDriver(t);
    const fast = { 'topic.metadata.refresh.interval.ms': 200, 'topic.metadata.propagation.max.ms': 1000 };
    await driver.open({ brokers: [broker.bootstrap], topic: 'problems', key: 'host', librdkafka: fast });
    await driver.write(numbered(10));
    await broker.deleteTopic('problems');
    const waiting = driver.write(numbered(3000, 10));
    t.regex(await says(driver, /refuse/), /the topic is not there/);
    await t.throwsAsync(driver.check(), { message: /there is no topic "problems"/ });
    await broker.createTopic('problems', 2);
    const { rejections, failures } = await waiting;
    t.deepEqual(rejections, []);
    t.true(failures.length > 0);
    const rows = await broker.read('problems');
    t.is(rows.length, 3000);
    for (const numbers of numbersByKey(rows))
      t.deepEqual(
        numbers,
        numbers.toSorted((a, b) => a - b),
      );
    t.regex(await says(driver, /again/), /take messages again/);
    await driver.close();
  } finally {
    await broker.stop();
  }
});

test('over TLS with SCRAM, a wrong password is told in words, and is waited for until it is right', async (t) => {
  const broker = await Broker.start({ topics: { logs: 1 } });
  const folder = mkdtempSync(join(tmpdir(), 'trilog-kafka-output-'));
  try {
    const ca_file = join(folder, 'ca.pem');
    writeFileSync(ca_file, broker.ca);
    const keys = (password: string, tls: object = { ca_file }) => ({
      ...{ brokers: [broker.secure], topic: 'logs', tls },
      sasl: { mechanism: 'SCRAM-SHA-256', username: broker.user, password },
    });
    const driver = new OutputDriver(t);
    await driver.open(keys('corrected'));
    t.regex((await driver.told()).join('\n'), /the broker refuses the credentials/);
    t.notRegex((await driver.told()).join('\n'), /corrected/);
    const waiting = driver.write(numbered(100));
    await t.throwsAsync(driver.check(), { message: /the broker refuses the credentials/ });
    await broker.setPassword('corrected');
    t.deepEqual((await waiting).rejections, []);
    t.is((await broker.read('logs')).length, 100);
    await driver.check();
    await driver.close();

    const untrusting = new OutputDriver(t);
    await untrusting.open(keys('corrected', {}));
    t.regex((await untrusting.told()).join('\n'), /certificate of the broker is not trusted/);
    const plain = new OutputDriver(t);
    await plain.open({ brokers: [broker.secure], topic: 'logs' });
    t.regex((await plain.told()).join('\n'), /port may be one with TLS/);
    const missed = new OutputDriver(t);
    await missed.open({ brokers: [broker.bootstrap], topic: 'logs', tls: true });
    t.regex((await missed.told()).join('\n'), /TLS cannot be agreed on/);
  } finally {
    await broker.stop();
    rmSync(folder, { recursive: true });
  }
});

test('what the topic does not take is a dead letter, and what was sent with it arrives', async (t) => {
  const broker = await Broker.start();
  try {
    await broker.createTopic('narrow', 1, { 'max.message.bytes': '4000' });
    const driver = new OutputDriver(t);
    await driver.open({ brokers: [broker.bootstrap], topic: 'narrow', compression: 'none' });
    const long = { message: 'y'.repeat(6000), givenId: 'long' };
    const { rejections } = await driver.write([...numbered(50), long, ...numbered(50, 50)]);
    t.deepEqual(
      rejections.map(({ document }) => JSON.parse(document).event.id),
      ['long'],
    );
    t.regex(rejections[0]?.reason ?? '', /larger than the broker or the topic takes/);
    t.is(new Set(idsOf(await broker.read('narrow'))).size, 100);
    await driver.close();
  } finally {
    await broker.stop();
  }
});

test('labels choose the topic, and long records are cut and marked', async (t) => {
  const broker = await Broker.start({ topics: { logs: 1, problems: 1 } });
  try {
    const driver = new OutputDriver(t);
    await driver.open({
      ...{ brokers: [broker.bootstrap], topic: 'logs', key: 'field:tenant.name', max_message_bytes: 2000, too_long: 'cut' },
      topics: [{ labels: ['*.failure', 'capacity.*'], topic: 'problems' }],
    });
    await driver.write([
      { message: 'fine', label: 'instance.success', fields: { tenant: { name: 'red' } } },
      { message: `no ${'ä'.repeat(5000)}`, label: 'instance.failure', fields: { tenant: { name: 'blue' } } },
      { message: 'full', label: 'capacity.disk' },
    ]);
    const logs = await broker.read('logs');
    const problems = await broker.read('problems');
    t.deepEqual(
      logs.map(([, , key]) => key),
      ['red'],
    );
    t.deepEqual(
      problems.map(([, , key]) => key),
      ['blue', null],
    );
    const cut = JSON.parse(problems[0]?.[3] ?? '');
    t.true(cut.trilog.truncated);
    t.regex(cut.message, /^no ä{100,}$/);
    t.deepEqual(await driver.counts(), { messages_cut: 1 });
    await driver.close();
  } finally {
    await broker.stop();
  }
});

test('a full queue holds the writes back, and loses nothing', async (t) => {
  const broker = await Broker.start({ topics: { logs: 2 } });
  try {
    const driver = new OutputDriver(t);
    await driver.open({ brokers: [broker.bootstrap], topic: 'logs', linger_ms: 0, librdkafka: { 'queue.buffering.max.messages': 100 } });
    const { rejections, failures } = await driver.write(numbered(5000));
    t.deepEqual([rejections, failures], [[], []]);
    t.is(new Set(idsOf(await broker.read('logs'))).size, 5000);
    t.true(((await driver.counts())['queue_full'] ?? 0) > 0);
    await driver.close();
  } finally {
    await broker.stop();
  }
});

test('giving up ends the wait for a broker that is gone, and closing takes no longer than its bound', async (t) => {
  const broker = await Broker.start({ topics: { logs: 1 } });
  try {
    const driver = new OutputDriver(t);
    await driver.open({ brokers: [broker.bootstrap], topic: 'logs' });
    await driver.write(numbered(10));
    await broker.kill();
    const waiting = driver.write(numbered(10, 10));
    await says(driver, /no broker can be reached/);
    await driver.giveUp();
    await t.throwsAsync(waiting, { message: /given up/ });
    await driver.close();
  } finally {
    await broker.stop();
  }
});

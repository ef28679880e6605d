import { existsSync } from 'node:fs';
import test from 'ava';
import { Broker } from './broker.js';

/** How Kafka's own client comes to the listener with TLS. */
function clientOf(
  { secure, ca, user, password }: Pick<Broker, 'secure' | 'ca' | 'user' | 'password'>,
  mechanism: 'PLAIN' | 'SCRAM-SHA-256',
) {
  const login = mechanism === 'PLAIN' ? 'plain.PlainLoginModule' : 'scram.ScramLoginModule';
  return {
    'bootstrap.servers': secure,
    'security.protocol': 'SASL_SSL',
    'ssl.truststore.type': 'PEM',
    'ssl.truststore.certificates': ca,
    'sasl.mechanism': mechanism,
    'sasl.jaas.config': `org.apache.kafka.common.security.${login} required username="${user}" password="${password}";`,
  };
}

test('a real broker says its version, and what it acknowledged survives kill -9 and a restart', async (t) => {
  const broker = await Broker.start({ topics: { logs: 2 } });
  try {
    const { pid, bootstrap } = broker;
    t.regex(broker.version, /^4\.\d+\.\d+$/);
    await broker.produce('logs', 0, ['first', 'second']);
    await broker.produce('logs', 1, ['third']);
    t.deepEqual(await broker.ends('logs'), [2, 1]);
    await broker.kill();
    t.throws(() => process.kill(pid ?? 0, 0), { code: 'ESRCH' });
    await t.throwsAsync(broker.ends('logs'), { message: /does not run/ });
    await broker.start();
    t.is(broker.bootstrap, bootstrap);
    t.deepEqual((await broker.read('logs')).toSorted(), [
      [0, 0, null, 'first'],
      [0, 1, null, 'second'],
      [1, 0, null, 'third'],
    ]);
    await broker.restart();
    t.deepEqual(await broker.ends('logs'), [2, 1]);
  } finally {
    await broker.stop();
  }
  t.false(existsSync(broker.folder));
});

test('topics are made with their settings, and go; none is made by being asked for', async (t) => {
  const broker = await Broker.start({ settings: { 'message.max.bytes': '2000' } });
  try {
    await broker.createTopic('templates', 1, { 'cleanup.policy': 'compact' });
    await t.throwsAsync(broker.createTopic('templates', 1), { message: /TopicExistsException/ });
    await t.throwsAsync(broker.produce('templates', 0, ['without a key']), { message: /InvalidRecordException/ });
    await broker.deleteTopic('templates');
    await t.throwsAsync(broker.ends('templates'), { message: /UnknownTopicOrPartitionException/ });
    await broker.createTopic('templates', 3);
    t.deepEqual(await broker.ends('templates'), [0, 0, 0]);
    await t.throwsAsync(broker.produce('templates', 0, ['x'.repeat(3000)]), { message: /RecordTooLargeException/ });
  } finally {
    await broker.stop();
  }
});

test('the listener with TLS takes the right password and refuses another', async (t) => {
  const broker = await Broker.start();
  try {
    const { secure, ca, user, password } = broker;
    for (const mechanism of ['SCRAM-SHA-256', 'PLAIN'] as const) {
      const right = clientOf({ secure, ca, user, password }, mechanism);
      t.regex(await broker.login(right), /^[\w-]{22}$/);
      const wrong = clientOf({ secure, ca, user, password: 'guessed' }, mechanism);
      await t.throwsAsync(broker.login(wrong), { message: /SaslAuthenticationException/ });
    }
    const { 'ssl.truststore.type': type, 'ssl.truststore.certificates': trusted, ...untrusting } = clientOf(broker, 'PLAIN');
    t.deepEqual([type, trusted], ['PEM', ca]);
    await t.throwsAsync(broker.login(untrusting), { message: /SslAuthenticationException/ });
    await broker.setPassword('corrected');
    await t.throwsAsync(broker.login(clientOf(broker, 'SCRAM-SHA-256')), { message: /SaslAuthenticationException/ });
    t.regex(await broker.login(clientOf({ secure, ca, user, password: 'corrected' }, 'SCRAM-SHA-256')), /^[\w-]{22}$/);
  } finally {
    await broker.stop();
  }
});

test('a broker that is paused answers when it is resumed, and a folder that was given outlives its broker', async (t) => {
  const first = await Broker.start({ topics: { kept: 1 } });
  try {
    first.pause();
    const asked = first.produce('kept', 0, ['while paused']);
    first.resume();
    await asked;
    await first.end();
    const second = await Broker.start({ folder: first.folder });
    try {
      t.not(second.bootstrap, first.bootstrap);
      t.deepEqual(await second.read('kept'), [[0, 0, null, 'while paused']]);
    } finally {
      await second.stop();
    }
    t.true(existsSync(first.folder));
  } finally {
    await first.stop();
  }
});

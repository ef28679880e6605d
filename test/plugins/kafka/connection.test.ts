import test from 'ava';
import { z } from 'zod';
import { connectionFeatures, connectionKeys, connectionProblem, connectionProperties } from '../../../plugins/kafka/connection.js';
import { kafkaLibrary, missingFeature } from '../../../plugins/kafka/library.js';
import { passedThrough, split } from '../../../plugins/kafka/properties.js';

const schema = z.strictObject(connectionKeys);
const absolute = (path: string) => `/etc/${path}`;
const propertiesOf = (keys: object) => connectionProperties(schema.parse({ brokers: ['a:9092'], ...keys }), absolute);

test('brokers are host and port', (t) => {
  for (const broker of ['kafka1.example.net:9092', '127.0.0.1:1', '[::1]:9092'])
    t.true(schema.safeParse({ brokers: [broker] }).success, broker);
  for (const broker of ['kafka1', 'kafka1:0', 'http://a:1', 'a:1,b:2', 'a:123456', ''])
    t.false(schema.safeParse({ brokers: [broker] }).success, broker);
});

test('what is configured becomes properties of librdkafka', (t) => {
  t.deepEqual(propertiesOf({ brokers: ['a:1', 'b:2'] }), {
    'bootstrap.servers': 'a:1,b:2',
    'client.id': 'trilog',
    'security.protocol': 'plaintext',
  });
  t.is(propertiesOf({ tls: true })['security.protocol'], 'ssl');
  const login = { mechanism: 'SCRAM-SHA-512', username: 'u', password: 'p' };
  t.is(propertiesOf({ sasl: login })['security.protocol'], 'sasl_plaintext');
  t.like(propertiesOf({ sasl: login, tls: { ca_file: 'ca.pem', verify_hostname: false } }), {
    'security.protocol': 'sasl_ssl',
    'ssl.ca.location': '/etc/ca.pem',
    'ssl.endpoint.identification.algorithm': 'none',
    'sasl.mechanism': 'SCRAM-SHA-512',
    'sasl.username': 'u',
    'sasl.password': 'p',
  });
  t.like(propertiesOf({ sasl: { mechanism: 'GSSAPI', keytab_file: 'k' } }), {
    'sasl.kerberos.keytab': '/etc/k',
    'sasl.kerberos.service.name': 'kafka',
  });
});

test('each mechanism wants its own keys', (t) => {
  t.false(schema.safeParse({ brokers: ['a:1'], sasl: { mechanism: 'PLAIN', username: 'u' } }).success);
  t.false(schema.safeParse({ brokers: ['a:1'], sasl: { mechanism: 'GSSAPI', password: 'p' } }).success);
  t.is(connectionProblem({ tls: true }), null);
  t.regex(connectionProblem({ tls: { key_file: 'k', verify_hostname: true } }) ?? '', /belong together/);
});

test('a library that was compiled without what is configured is told with the packages that give it', (t) => {
  const features = connectionFeatures(schema.parse({ brokers: ['a:1'], tls: true, sasl: { mechanism: 'GSSAPI' } }));
  t.deepEqual(features, ['ssl', 'sasl_gssapi']);
  t.is(missingFeature(features, ['ssl', 'sasl_gssapi']), null);
  t.regex(missingFeature(features, ['sasl']) ?? '', /without ssl, sasl_gssapi; install libssl-dev and libsasl2-dev/);
  t.throws(() => kafkaLibrary([], () => null), { code: 'KAFKA_MISSING', message: /cannot be loaded/ });
});

test("properties that are trilog's are refused with the key that replaces them, and those of topics are told apart", (t) => {
  const keys = passedThrough({ acks: 'nothing' });
  const refused = keys.safeParse({ acks: 1, 'sasl.password': 'p', rebalance_cb: true, 'socket.timeout.ms': 1000 });
  const issues = refused.error?.issues ?? [];
  t.is(issues.length, 3);
  t.regex(issues[1]?.message ?? '', /in its place: `sasl.password`/);
  // What is told of a single value shows it.
  t.true(issues.every(({ path }) => path.length === 0));
  t.deepEqual(split({ partitioner: 'murmur2', 'socket.timeout.ms': 1000 }), {
    global: { 'socket.timeout.ms': 1000 },
    topic: { partitioner: 'murmur2' },
  });
});

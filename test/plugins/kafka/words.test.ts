import test from 'ava';
import { type Fault, inWords, reasonOf } from '../../../plugins/kafka/words.js';

const SAID: readonly (readonly [said: string, kind: Fault['kind']])[] = [
  ['Local: Broker transport failure', 'unreachable'],
  ['all broker connections are down', 'unreachable'],
  [
    '[thrd:127.0.0.1:1/bootstrap]: 127.0.0.1:1/bootstrap: Connect to ipv4#127.0.0.1:1 failed: Connection refused (after 0ms in state CONNECT)',
    'unreachable',
  ],
  [
    '[thrd:a:1/bootstrap]: a:1/bootstrap: Disconnected: connection closed by peer: receive 0 after POLLIN (after 2ms in state APIVERSION_QUERY)',
    'hangs_up',
  ],
  [
    '[thrd:sasl_ssl://a:1/bootstrap]: sasl_ssl://a:1/bootstrap: SASL authentication error: Authentication failed during authentication due to invalid credentials with SASL mechanism SCRAM-SHA-256 (after 9ms in state AUTH_REQ)',
    'credentials',
  ],
  ['authentication failure', 'credentials'],
  [
    'ssl://a:1/bootstrap: SSL handshake failed: error:0A000086:SSL routines::certificate verify failed: broker certificate could not be verified',
    'tls',
  ],
  ['ssl://a:1/bootstrap: SSL handshake failed: Disconnected: connecting to a PLAINTEXT broker listener?', 'tls'],
  ['[thrd:main]: Fatal error: Broker: Static consumer fenced by other consumer with same group.instance.id: JoinGroup', 'fenced'],
  ['Broker: Unknown topic or partition', 'topic_missing'],
  ['unknown topic', 'topic_missing'],
  ['Broker: Topic authorization failed', 'unauthorized'],
  ['message size too large', 'too_large'],
  ['Local: Queue full', 'queue_full'],
  ['fatal error', 'fatal'],
  ['Broker: Not enough in-sync replicas', 'other'],
];

for (const [said, kind] of SAID) test(`${kind}: ${said}`, (t) => t.is(inWords(said).kind, kind));

test('the address is said once, and no more of it than a person reads', (t) => {
  t.is(inWords('[thrd:a:1/bootstrap]: a:1: strange').text, 'a:1: strange');
  t.is(inWords('x'.repeat(10_000)).text.length, 500);
});

test('of all that was said of one failure, the most telling is the reason', (t) => {
  t.is(reasonOf([]), null);
  t.regex(
    reasonOf(['SSL handshake failed: certificate verify failed', 'ssl error', 'all broker connections are down'])?.text ?? '',
    /not trusted/,
  );
  t.is(reasonOf(['broker transport failure', 'SASL authentication error: no', 'all broker connections are down'])?.kind, 'credentials');
});

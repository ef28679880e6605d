import test from 'ava';
import { exactlyOnceProblem } from '../../../plugins/kafka/exactly-once.js';
import type { Companion } from '../../../src/plugin/contract.js';

const BROKERS = ['k1:9092', 'k2:9092'];
const config = { brokers: ['k2:9092', 'k3:9092'], isolation: 'read_committed', librdkafka: {} };
const output: Companion = { kind: 'output', name: 'out', type: 'kafka', config: {} };
const input = (more: object = {}, type = 'kafka'): Companion => ({ kind: 'input', name: 'in', type, config: { ...config, ...more } });

test('one Kafka input of the same cluster beside one output can be written exactly once', (t) => {
  t.is(exactlyOnceProblem(BROKERS, [input(), output]), null);
});

const REFUSED: readonly (readonly [string, readonly Companion[], RegExp])[] = [
  ['another output', [input(), output, { ...output, name: 'files', type: 'file' }], /to be the only output/],
  ['no input', [output], /one input, of type kafka.*none/],
  ['two inputs', [input(), { ...input(), name: 'more' }, output], /one input, of type kafka.*in \(kafka\), more \(kafka\)/],
  ['an input of another type', [input({}, 'file'), output], /one input, of type kafka.*in \(file\)/],
  ['a Kafka input of somebody else', [{ ...input(), config: {} }, output], /comes with trilog/],
  ['another cluster', [input({ brokers: ['other:9092'] }), output], /same cluster.*other:9092/],
  ['uncommitted messages read', [input({ isolation: 'read_uncommitted' }), output], /isolation: read_committed/],
  ['the group protocol of KIP-848', [input({ librdkafka: { 'group.protocol': 'consumer' } }), output], /classic group protocol/],
];

for (const [what, company, words] of REFUSED)
  test(`${what} is told in words`, (t) => {
    t.regex(exactlyOnceProblem(BROKERS, company) ?? '', words);
  });

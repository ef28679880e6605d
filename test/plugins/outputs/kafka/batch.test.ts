import test from 'ava';
import { groupsOf, halves, headersOf, messageOf, openParts, type Part } from '../../../../plugins/outputs/kafka/batch.js';
import { type BatchForm, BatchWriter } from '../../../../plugins/outputs/kafka/batch-writer.js';
import { kafkaOutputConfig, producerFeatures, producerProperties, topicsOf } from '../../../../plugins/outputs/kafka/config.js';
import { HEADER_NAMES, type HeaderName } from '../../../../plugins/outputs/kafka/headers.js';
import { keyOf, topicByLabel } from '../../../../plugins/outputs/kafka/placement.js';
import { shortened } from '../../../../plugins/outputs/kafka/shorten.js';
import { Turns } from '../../../../plugins/outputs/kafka/turns.js';
import { documentWriter } from '../../../../src/record/profiles/profile.js';
import { record } from '../../../record/sample.js';

const NOW = Date.UTC(2026, 2, 2);

function writerWith(changes: Partial<BatchForm> = {}): BatchWriter {
  return new BatchWriter({
    documents: documentWriter('ecs', 1024, { tame: false }),
    topicOf: () => 'logs',
    keyOf: null,
    headers: [],
    maxBytes: 2000,
    shorten: () => null,
    complete: true,
    cut: () => {},
    now: () => NOW,
    ...changes,
  });
}

const messages = (count: number) => writerWith().batchOf(Array.from({ length: count }, (_, i) => record(`m${i}`)));
const numbers = (parts: readonly Part[] | undefined) => parts?.map(({ indices }) => indices);

test('each message is its document, whatever was too long beside it', (t) => {
  const long = record('x'.repeat(3000), { givenId: 'long' });
  const cutting = writerWith({ shorten: (one, lengthOf) => shortened(one, 2000, lengthOf) });
  for (const [writer, expected] of [
    [writerWith(), ['a', 'b', 'c']],
    [cutting, ['a', 'xxx', 'b', 'xxx', 'xxx', 'c']],
  ] as const) {
    const batch = writer.batchOf([record('a'), long, record('b'), long, long, record('c')]);
    const documents = batch.ends.map((_, i) => JSON.parse(messageOf(batch, i).toString()));
    t.deepEqual(
      documents.map(({ message }) => message.slice(0, 3)),
      expected,
    );
    t.true(batch.ends.every((_, i) => messageOf(batch, i).length <= 2000));
    t.is(batch.dead.length, 6 - expected.length);
    t.true(batch.dead.every(({ document }) => JSON.parse(document).event.id === 'long'));
    t.is(batch.topics.length, expected.length);
  }
});

test('the time of a message is that of its record, unless that is unknown or lies ahead', (t) => {
  const times = [NOW - 5000.5, Number.NaN, NOW + 60_000].map((timestamp) => record('m', { timestamp }));
  t.deepEqual(writerWith().batchOf(times).times, [NOW - 5001, NOW, NOW]);
});

test('headers say what a consumer filters by', (t) => {
  const known = record('m', { givenId: 'i', label: 'a.b', stage: 'rule', level: 'ERROR' });
  const long = record('m', { givenId: 'j'.repeat(600), label: 'l'.repeat(600) });
  const headers = (names: readonly HeaderName[]) => {
    const batch = writerWith({ headers: names }).batchOf([known, long]);
    return batch.ends.map((_, i) => headersOf(batch, i));
  };
  t.deepEqual(headers(HEADER_NAMES), [
    [{ 'trilog-label': 'a.b' }, { 'trilog-stage': 'rule' }, { 'trilog-level': 'ERROR' }, { 'trilog-id': 'i' }],
    [{ 'trilog-label': 'l'.repeat(512) }, { 'trilog-stage': 'none' }, { 'trilog-id': 'j'.repeat(512) }],
  ]);
  t.deepEqual(headers(['label']), [[{ 'trilog-label': 'a.b' }], [{ 'trilog-label': 'l'.repeat(512) }]]);
  t.deepEqual(headers([]), [undefined, undefined]);
});

test('what is settled is not sent again; halves and groups keep the order', (t) => {
  const [one, two] = [messages(3), messages(2)];
  one.settled[1] = 1;
  const parts = openParts([one, two]);
  t.deepEqual(numbers(parts), [
    [0, 2],
    [0, 1],
  ]);
  const both = halves(parts);
  t.deepEqual([numbers(both?.[0]), numbers(both?.[1])], [[[0, 2]], [[0, 1]]]);
  t.is(halves([{ batch: one, indices: [2] }]), null);
  const length = messageOf(one, 0).length;
  t.deepEqual(groupsOf(parts, length * 3).map(numbers), [[[0, 2], [0]], [[1]]]);
  t.deepEqual(groupsOf(parts, 1).map(numbers), [[[0]], [[2]], [[0]], [[1]]]);
  t.deepEqual(groupsOf(parts, Number.POSITIVE_INFINITY).map(numbers), [
    [
      [0, 2],
      [0, 1],
    ],
  ]);
});

test('the texts of a record are cut until it fits, then what it carried; the record stays as it is', (t) => {
  const lengthOf = (one: ReturnType<typeof record>) => Buffer.byteLength(JSON.stringify([one.message, one.error, one.fields]));
  const wordy = record('😀'.repeat(2000), { error: { type: 't', message: 'm', stackTrace: 's'.repeat(5000) }, fields: { a: 'b' } });
  const cut = shortened(wordy, 3000, lengthOf);
  t.true(cut?.truncated);
  // No half of a character is left.
  const text = cut?.message ?? '';
  t.is(Buffer.from(text).toString(), text);
  t.deepEqual(cut?.fields, { a: 'b' });
  t.is(cut?.id, wordy.id);
  t.deepEqual([wordy.message.length, wordy.truncated, wordy.error?.stackTrace.length], [4000, false, 5000]);
  t.is(shortened(record('short', { fields: { a: 'b'.repeat(5000) } }), 1000, lengthOf)?.fields, null);
  t.is(shortened(record('short'), 1, lengthOf), null);
});

test('topics are chosen by label, the first that matches', (t) => {
  const keys = {
    topic: 'logs',
    topics: [
      { labels: ['*.failure'], topic: 'a' },
      { labels: ['instance.*', 'unclassified'], topic: 'b' },
    ],
  };
  const topicOf = topicByLabel(keys);
  const topics = ['instance.failure', 'instance.success', 'unclassified', 'x', '../failure'].map((label) =>
    topicOf(record('m', { label })),
  );
  t.deepEqual(topics, ['a', 'b', 'b', 'logs', 'logs']);
  t.deepEqual(topicsOf(keys), ['logs', 'a', 'b']);
});

test('keys come from the record, bounded, or there is none', (t) => {
  const one = record('m', { templateId: 't1', program: 'nova', host: 'h', fields: { a: { b: 7 }, 'c.d': 'e', long: 'x'.repeat(5000) } });
  const keys = ['none', 'template', 'host', 'service', 'request_id', 'field:a.b', 'field:c.d', 'field:a', 'field:toString', 'field:a.b.c'];
  t.deepEqual(
    keys.map((key) => keyOf(key)(one)),
    [null, 't1', 'h', 'nova', null, '7', 'e', null, null, null],
  );
  t.is(keyOf('field:long')(one)?.length, 1024);
});

test('the producer is idempotent and its messages never expire, whatever is passed through', (t) => {
  const keys = { brokers: ['a:1'], topic: 'logs' };
  const { global, topic } = producerProperties(
    kafkaOutputConfig.parse({ ...keys, librdkafka: { partitioner: 'random', 'socket.timeout.ms': 9 } }),
    String,
  );
  t.like(global, { 'enable.idempotence': true, 'socket.timeout.ms': 9, 'compression.codec': 'lz4', dr_msg_cb: true });
  t.deepEqual(topic, { partitioner: 'random', acks: -1, 'message.timeout.ms': 0 });
  for (const name of ['acks', 'enable.idempotence', 'message.timeout.ms', 'retries'])
    t.false(kafkaOutputConfig.safeParse({ ...keys, librdkafka: { [name]: 1 } }).success, name);
  for (const name of ['..', 'a/b', '', 'x'.repeat(250), 'ä']) t.false(kafkaOutputConfig.safeParse({ ...keys, topic: name }).success, name);
  t.deepEqual(producerFeatures(kafkaOutputConfig.parse({ ...keys, compression: 'zstd' })), ['zstd']);
});

test('writes hand over in the order in which they began, also when one has to begin again', async (t) => {
  const turns = new Turns();
  const { signal } = new AbortController();
  const [a, b, c] = [{}, {}, {}];
  const order: string[] = [];
  const [first, second, third] = [turns.numberOf(a), turns.numberOf(b), turns.numberOf(c)];
  await turns.come(first, signal);
  const later = Promise.all([
    turns.come(third, signal).then(() => order.push('c')),
    turns.come(second, signal).then(() => order.push('b')),
  ]);
  turns.handedOver(first);
  t.is(turns.numberOf(a), first);
  await turns.come(first, signal);
  order.push('a');
  turns.handedOver(first);
  await Promise.resolve();
  turns.handedOver(second);
  await later;
  t.deepEqual(order.toSorted(), ['a', 'b', 'c']);
  t.true(order.indexOf('b') < order.indexOf('c'));
  await t.throwsAsync(turns.come(third, AbortSignal.abort(new Error('given up'))), { message: 'given up' });
});

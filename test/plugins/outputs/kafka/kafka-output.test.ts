import test from 'ava';
import type { Batch } from '../../../../plugins/outputs/kafka/batch.js';
import { BatchWriter } from '../../../../plugins/outputs/kafka/batch-writer.js';
import { KafkaOutput } from '../../../../plugins/outputs/kafka/kafka-output.js';
import { documentWriter } from '../../../../src/record/profiles/profile.js';
import { record } from '../../../record/sample.js';
import { context } from '../../context.js';
import { ImitatedKafka } from './imitated-kafka.js';

const NEVER = new AbortController().signal;

function outputOn(kafka: ImitatedKafka) {
  const lent = context();
  const writer = new BatchWriter({
    documents: documentWriter('ecs', 1024, { tame: false }),
    ...{ topicOf: ({ label }) => label, keyOf: null, headers: ['label', 'id'], maxBytes: 10_000, complete: true, now: Date.now },
    shorten: () => null,
    cut: () => {},
  });
  const output = new KafkaOutput({ library: () => kafka.library, properties: { global: {}, topic: {} }, topics: ['logs'], writer }, lent);
  return { output, counts: lent.counts };
}

const batchOf = (output: KafkaOutput, ...messages: readonly string[]): Batch =>
  output.encode(messages.map((message) => record(message, { label: 'logs' })));

test('a write is over when all of it is stored, and a full queue makes it wait', async (t) => {
  const kafka = new ImitatedKafka(() => null, 3);
  const { output, counts } = outputOn(kafka);
  await output.open();
  const texts = Array.from({ length: 20 }, (_, i) => `m${i}`);
  t.deepEqual(await output.write([batchOf(output, ...texts.slice(0, 11)), batchOf(output, ...texts.slice(11))], NEVER), []);
  t.deepEqual(
    kafka.stored.map(({ text }) => text),
    texts,
  );
  t.true((counts.get('queue_full') ?? 0) > 0);
  await output.close();
  t.is(kafka.closed, 1);
});

test('what a missing topic refused is sent again before what came later, and nothing twice', async (t) => {
  let missing = true;
  const kafka = new ImitatedKafka(({ text }) => (missing && text !== 'a' ? { at: 'report', says: 'unknown topic or partition' } : null));
  const { output } = outputOn(kafka);
  const [first, second] = [batchOf(output, 'a', 'b', 'c'), batchOf(output, 'd', 'e')];
  await t.throwsAsync(output.write([first], NEVER), { message: /the topic is not there/ });
  missing = false;
  const later = output.write([second], NEVER);
  await output.write([first], NEVER);
  await later;
  t.deepEqual(
    kafka.stored.map(({ text }) => text),
    ['a', 'b', 'c', 'd', 'e'],
  );
  await output.close();
});

test('the message that the broker does not take is found among those that were refused with it', async (t) => {
  // The first time all go in one batch.
  const seen = new Set<string>();
  const kafka = new ImitatedKafka(({ text }) => {
    const together = !seen.has(text);
    seen.add(text);
    return text === 'bad' || together ? { at: 'report', says: 'message size too large' } : null;
  });
  const { output, counts } = outputOn(kafka);
  const batch = batchOf(output, 'm1', 'm2', 'bad', 'm3');
  const rejections = await output.write([batch], NEVER);
  t.deepEqual(
    rejections.map(({ document }) => JSON.parse(document).message),
    ['bad'],
  );
  t.deepEqual(kafka.stored.map(({ text }) => text).toSorted(), ['m1', 'm2', 'm3']);
  t.true((counts.get('divided_batches') ?? 0) > 0);
  await output.close();
});

test('a producer that cannot go on is replaced, and what is not known to be stored is sent again by the next one', async (t) => {
  const kafka = new ImitatedKafka(({ producer, text }) => (producer === 1 && text === 'b' ? 'never' : null));
  const { output, counts } = outputOn(kafka);
  const batch = batchOf(output, 'a', 'b', 'c');
  await output.open();
  const written = output.write([batch], NEVER);
  while (kafka.stored.length < 2) await new Promise((resolve) => setImmediate(resolve));
  kafka.breakDown();
  await t.throwsAsync(written, { message: /cannot go on in order/ });
  t.deepEqual(await output.write([batch], NEVER), []);
  t.deepEqual(
    kafka.stored.map(({ producer, text }) => [producer, text]),
    [
      [1, 'a'],
      [1, 'c'],
      [2, 'a'],
      [2, 'b'],
      [2, 'c'],
    ],
  );
  t.is(counts.get('producers_replaced'), 1);
  await output.close();
  t.is(kafka.closed, 2);
});

test('giving up ends the wait', async (t) => {
  const kafka = new ImitatedKafka(() => 'never');
  const { output } = outputOn(kafka);
  const giveUp = new AbortController();
  const written = output.write([batchOf(output, 'a')], giveUp.signal);
  setImmediate(() => giveUp.abort(new Error('given up')));
  await t.throwsAsync(written, { message: 'given up' });
  await output.close();
});

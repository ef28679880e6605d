import { setImmediate } from 'node:timers/promises';
import test from 'ava';
import type { TiedPartition } from '../../../../plugins/kafka/tie.js';
import type { Fault } from '../../../../plugins/kafka/words.js';
import type { Batch } from '../../../../plugins/outputs/kafka/batch.js';
import { kafkaOutputConfig, transactionalProperties } from '../../../../plugins/outputs/kafka/config.js';
import { HandOver } from '../../../../plugins/outputs/kafka/hand-over.js';
import { Lane } from '../../../../plugins/outputs/kafka/lane.js';
import { type Outcome, outcomeOf } from '../../../../plugins/outputs/kafka/outcome.js';
import type { Message } from '../../../../plugins/outputs/kafka/producer-link.js';
import { Transaction } from '../../../../plugins/outputs/kafka/transaction.js';

const OUTCOMES: readonly (readonly [string, Parameters<typeof outcomeOf>[0], Outcome['kind']])[] = [
  ['no error', null, 'done'],
  ['one that may be tried again', { message: 'Local: Timed out', isRetriable: true }, 'again'],
  ['one that wants an abort', { message: 'Broker: Specified group generation id is not valid', isTxnRequiresAbort: true }, 'abort'],
  ['one that wants an abort and may be tried again', { message: 'x', isRetriable: true, isTxnRequiresAbort: true }, 'abort'],
  ['a fatal one, whatever else it is', { message: 'x', isFatal: true, isTxnRequiresAbort: true }, 'replace'],
  ['one that is not explained', { message: 'Local: Erroneous state' }, 'replace'],
];

for (const [what, error, kind] of OUTCOMES) test(`${what} means: ${kind}`, (t) => t.is(outcomeOf(error).kind, kind));

test('a producer that was displaced is told in words', (t) => {
  const outcome = outcomeOf({ message: 'Local: This instance has been fenced by a newer instance', isFatal: true });
  t.regex(outcome.kind === 'done' ? '' : outcome.text, /same transactional\.id/);
});

test('a transactional producer gives messages no time of their own', (t) => {
  const keys = kafkaOutputConfig.parse({ brokers: ['k:1'], topic: 'out', delivery: 'exactly_once' });
  const { global, topic } = transactionalProperties(keys, (path) => path, 'trilog-g-i');
  t.is(global['transactional.id'], 'trilog-g-i');
  t.is(global['transaction.timeout.ms'], 30_000);
  t.false('message.timeout.ms' in topic);
});

test('the librdkafka properties of transactions have keys in their place, and a transaction must have time to be filled', (t) => {
  const of = (more: object) => kafkaOutputConfig.safeParse({ brokers: ['k:1'], topic: 'out', ...more });
  for (const name of ['transactional.id', 'transaction.timeout.ms']) t.false(of({ librdkafka: { [name]: 'x' } }).success);
  t.false(of({ transaction_ms: 900, transaction_timeout_ms: 1000 }).success);
});

test('in a lane each begins when the one before has ended, also where that failed; who is let in first comes before all that wait', async (t) => {
  const lane = new Lane();
  const said: string[] = [];
  const first = lane.take(async () => {
    said.push('a');
    await setImmediate();
    said.push('b');
    throw new Error('no');
  });
  const second = lane.take(async () => said.push('d'));
  const urgent = lane.takeNext(async () => said.push('c'));
  await t.throwsAsync(first);
  await Promise.all([second, urgent]);
  t.deepEqual(said, ['a', 'b', 'c', 'd']);
});

function partition(more: Partial<TiedPartition> = {}): TiedPartition {
  return { writable: true, committable: 5, passed: () => true, ...more };
}

test('a transaction is settled when the books have passed the last record of each partition', (t) => {
  const transaction = new Transaction(0);
  transaction.add(partition({ passed: (offset) => offset <= 4 }), { last: 4 });
  t.true(transaction.isSettled);
  const late = partition({ passed: (offset) => offset <= 7 });
  transaction.add(late, { last: 9 });
  // Later ones of the same partition count, whatever order they come in.
  transaction.add(late, { last: 3 });
  t.false(transaction.isSettled);
});

test('a transaction with a part of a message is torn: the offset would say that all of it is still to come', (t) => {
  const transaction = new Transaction(0);
  transaction.add(partition({ committable: 5 }), { last: 4.5 });
  t.false(transaction.isTorn);
  transaction.add(partition({ committable: 5 }), { last: 5.25 });
  t.true(transaction.isTorn);
});

test('a transaction is not ours any more when one of its partitions is not', (t) => {
  const transaction = new Transaction(0);
  transaction.add(partition(), { last: 1 });
  t.true(transaction.isOurs);
  transaction.add(partition({ writable: false }), { last: 1 });
  t.false(transaction.isOurs);
});

function batchOf(...values: readonly string[]): Batch {
  const ends = values.map((_, i) => values.slice(0, i + 1).join('').length);
  const topics = values.map(() => 'out');
  return {
    body: Buffer.from(values.join('')),
    ends,
    topics,
    keys: null,
    times: values.map(() => 0),
    commonHeaders: null,
    ids: null,
    records: null,
    settled: new Uint8Array(values.length),
    dead: [],
  };
}

/** A producer that takes all, and a broker that refuses batches with a value of `refused`: those without a pause between them are one. */
class Sink {
  batches: string[][] = [];
  #open: Message[] = [];
  constructor(
    readonly refused: string,
    readonly failed: (value: Buffer, fault: Fault) => void,
  ) {}

  produce(message: Message): null {
    this.#open.push(message);
    return null;
  }

  async ready(): Promise<void> {}

  async settled(): Promise<boolean> {
    await setImmediate();
    const messages = this.#open.splice(0);
    if (messages.length === 0) return true;
    const values = messages.map(({ value }) => value.toString());
    this.batches.push(values);
    if (values.includes(this.refused)) for (const { value } of messages) this.failed(value, { kind: 'too_large', text: 'too large' });
    return true;
  }
}

test('messages that were refused together come again alone, and the one to blame becomes a dead letter', async (t) => {
  const over = new HandOver(
    (batch, index) => `letter ${index} of ${batch.ends.length}`,
    () => {},
  );
  let transaction = new Transaction(0);
  const sink = new Sink('big', (value, fault) => {
    over.failed(value, fault);
    transaction.fail(fault.text);
  });
  let dead: Batch['dead'] = [];
  for (let aborted = 0; ; aborted++) {
    transaction = new Transaction(0);
    const batch = batchOf('a', 'big', 'b');
    t.is(await over.send(sink, batch, transaction), null);
    await sink.settled();
    if (transaction.fault === null) {
      over.committed();
      t.is(aborted, 2);
      ({ dead } = batch);
      break;
    }
    over.aborted();
  }
  t.deepEqual(sink.batches, [['a', 'big', 'b'], ['a'], ['big'], ['a'], ['b']]);
  t.deepEqual(dead, [{ document: 'letter 1 of 3', reason: 'too large' }]);
});

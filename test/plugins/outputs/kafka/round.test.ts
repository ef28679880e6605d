import test from 'ava';
import type { Fault } from '../../../../plugins/kafka/words.js';
import type { Batch } from '../../../../plugins/outputs/kafka/batch.js';
import { Round } from '../../../../plugins/outputs/kafka/round.js';

const MISSING: Fault = { kind: 'topic_missing', text: 'the topic is not there' };
const TOO_LARGE: Fault = { kind: 'too_large', text: 'too large' };

function batchOf(...values: readonly string[]): Batch {
  const body = Buffer.from(values.join(''));
  const ends = values.map((_, i) => values.slice(0, i + 1).join('').length);
  const none = { topics: [], keys: null, times: [], commonHeaders: null, ids: null, records: null };
  return { body, ends, ...none, settled: new Uint8Array(values.length), dead: [] };
}

/** A round that has handed over all of these. */
function roundOf(...batches: readonly Batch[]): Round {
  const round = new Round();
  for (const batch of batches) for (const index of batch.ends.keys()) round.handedOver(batch, index);
  return round;
}

const settledOf = ({ settled }: Batch): number[] => [...settled];

test('what was handed over and has not failed is stored', (t) => {
  const [one, two] = [batchOf('a', 'b'), batchOf('c')];
  t.deepEqual(roundOf(one, two).settle(), { refused: [], reason: null, fault: null });
  t.deepEqual([settledOf(one), settledOf(two)], [[1, 1], [1]]);
});

test('what was not handed over is not stored', (t) => {
  const batch = batchOf('a', 'b');
  const round = new Round();
  round.handedOver(batch, 0);
  round.failed(MISSING);
  t.is(round.settle().fault, MISSING);
  t.deepEqual(settledOf(batch), [1, 0]);
});

test('a message that failed is known by its value, and is to be sent again', (t) => {
  const [one, two] = [batchOf('a', 'b'), batchOf('c')];
  const round = roundOf(one, two);
  t.true(round.messageFailed(Buffer.from('b'), MISSING));
  t.false(round.messageFailed(Buffer.from('x'), MISSING), 'it is of another');
  t.is(round.settle().fault, MISSING);
  t.deepEqual([settledOf(one), settledOf(two)], [[1, 0], [1]]);
});

test('of equal messages as many fail as are said to', (t) => {
  const batch = batchOf('a', 'a', 'a');
  const round = roundOf(batch);
  t.deepEqual(
    [1, 2, 3, 4].map(() => round.messageFailed(Buffer.from('a'), MISSING)),
    [true, true, true, false],
  );
  round.settle();
  t.deepEqual(settledOf(batch), [0, 0, 0]);
});

test('what is handed over after the first failure can fail too', (t) => {
  const batch = batchOf('a', 'b', 'a');
  const round = new Round();
  round.handedOver(batch, 0);
  t.true(round.messageFailed(Buffer.from('a'), MISSING));
  round.handedOver(batch, 1);
  round.handedOver(batch, 2);
  t.true(round.messageFailed(Buffer.from('a'), MISSING));
  t.false(round.messageFailed(Buffer.from('a'), MISSING));
  round.settle();
  t.deepEqual(settledOf(batch), [0, 1, 0]);
});

test('what the broker does not take as it is stands apart from what may be sent again', (t) => {
  const batch = batchOf('a', 'b', 'c');
  const round = roundOf(batch);
  round.messageFailed(Buffer.from('c'), TOO_LARGE);
  round.messageFailed(Buffer.from('a'), TOO_LARGE);
  t.deepEqual(round.settle(), { refused: [{ batch, indices: [0, 2] }], reason: TOO_LARGE, fault: null });
  t.deepEqual(settledOf(batch), [0, 1, 0]);
});

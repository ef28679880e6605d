import test from 'ava';
import fc from 'fast-check';
import { Progress, type Step } from '../../src/pipeline/progress.js';
import { source } from '../record/sample.js';

test('the position moves only over batches before which nothing is open', (t) => {
  const moves: number[] = [];
  const progress = new Progress((_, position) => moves.push(position));
  const from = source();
  const steps = [10, 20, 30].map((resumeAt) => progress.begin(from, resumeAt));
  progress.settle(steps[1] as Step);
  t.deepEqual(moves, []);
  progress.settle(steps[0] as Step);
  t.deepEqual(moves, [20]);
  progress.settle(steps[2] as Step);
  t.deepEqual(moves, [20, 30]);
});

test('sources do not wait for each other', (t) => {
  const moves: string[] = [];
  const progress = new Progress((from, position) => moves.push(`${from.id} ${position}`));
  const [a, b] = [source({ id: 'a' }), source({ id: 'b' })];
  progress.begin(a, 1);
  progress.settle(progress.begin(b, 2));
  t.deepEqual(moves, ['b 2']);
});

test('a source that is taken up again under another object is the same source', (t) => {
  const moves: number[] = [];
  const progress = new Progress((_, position) => moves.push(position));
  const open = progress.begin(source(), 10);
  progress.settle(progress.begin(source(), 20));
  t.deepEqual(moves, []);
  progress.settle(open);
  t.deepEqual(moves, [10, 20]);
});

test('of objects that share an id each is told how far it is itself', (t) => {
  const moves: string[] = [];
  const progress = new Progress((from, position) => moves.push(`${from.program} ${position}`));
  const [a, b] = [source({ program: 'a' }), source({ program: 'b' })];
  const open = progress.begin(a, 5);
  progress.settle(progress.begin(b, 21));
  progress.settle(progress.begin(a, 30));
  t.deepEqual(moves, []);
  progress.settle(open);
  t.deepEqual(moves, ['b 21', 'a 30']);
});

test('what is open when it is cut is dropped, once, and moves no position any more', async (t) => {
  const moves: number[] = [];
  const dropped: number[] = [];
  const progress = new Progress((_, position) => moves.push(position));
  const from = source();
  const [first, open, late] = [10, 20, 30].map((resumeAt) => progress.begin(from, resumeAt, () => dropped.push(resumeAt)));
  progress.settle(first as Step);
  progress.settle(late as Step);
  progress.cut();
  progress.settle(open as Step);
  t.deepEqual([moves, dropped], [[10], [20]]);
  await progress.emptied();
});

test('it is empty when the last of what was begun is settled', async (t) => {
  const progress = new Progress(() => {});
  await progress.emptied();
  const [a, b] = [progress.begin(source({ id: 'a' }), 1), progress.begin(source({ id: 'b' }), 2)];
  let isEmpty = false;
  const emptied = progress.emptied().then(() => (isEmpty = true));
  progress.settle(a);
  await Promise.resolve();
  t.false(isEmpty);
  progress.settle(b);
  await emptied;
  t.true(isEmpty);
});

test('in whatever order batches settle, the position is the last before which all are settled', (t) => {
  fc.assert(
    fc.property(fc.uniqueArray(fc.nat(19), { minLength: 1 }), (order) => {
      const moves: number[] = [];
      const progress = new Progress((_, position) => moves.push(position));
      const from = source();
      const steps = Array.from({ length: 20 }, (_, i) => progress.begin(from, i));
      for (const i of order) progress.settle(steps[i] as Step);
      const settled = new Set(order);
      let expected = -1;
      while (settled.has(expected + 1)) expected++;
      return (moves.at(-1) ?? -1) === expected && moves.every((move, i) => i === 0 || move > (moves[i - 1] ?? 0));
    }),
  );
  t.pass();
});

import { setImmediate as turn } from 'node:timers/promises';
import test from 'ava';
import { InOrder } from '../../src/pipeline/in-order.js';

/** A promise that somebody else fulfils. */
function open(): { promise: Promise<void>; resolve: () => void } {
  let resolve = (): void => {};
  const promise = new Promise<void>((done) => {
    resolve = done;
  });
  return { promise, resolve };
}

test('what is ready passes at once, before the next may come', async (t) => {
  const passed: number[] = [];
  const order = new InOrder<number>(4, async (item) => {
    await turn();
    passed.push(item);
  });
  await order.add(1, undefined);
  t.deepEqual(passed, [1]);
});

test('what is ready later holds back what is ready behind it', async (t) => {
  const passed: number[] = [];
  const order = new InOrder<number>(4, async (item) => {
    passed.push(item);
  });
  const late = open();
  await order.add(1, late.promise);
  await order.add(2, undefined);
  await order.add(3, Promise.resolve());
  await turn();
  t.deepEqual(passed, []);
  late.resolve();
  await order.drained();
  t.deepEqual(passed, [1, 2, 3]);
});

test('so many may be under way, and no more', async (t) => {
  const order = new InOrder<number>(2, async () => {});
  const [first, second] = [open(), open()];
  await order.add(1, first.promise);
  let room = false;
  const added = order.add(2, second.promise).then(() => {
    room = true;
  });
  await turn();
  t.false(room);
  first.resolve();
  await added;
  t.true(room);
  second.resolve();
  await order.drained();
});

test('a failure is told to whoever waits, and what is behind it does not pass', async (t) => {
  const passed: number[] = [];
  const order = new InOrder<number>(4, async (item) => {
    if (item === 1) throw new Error('broken');
    passed.push(item);
  });
  const late = open();
  await order.add(1, late.promise);
  await order.add(2, undefined);
  late.resolve();
  await t.throwsAsync(order.drained(), { message: 'broken' });
  await t.throwsAsync(order.add(3, undefined), { message: 'broken' });
  t.deepEqual(passed, []);
});

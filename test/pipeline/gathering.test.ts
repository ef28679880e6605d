import test from 'ava';
import { Gathering } from '../../src/pipeline/gathering.js';

function gathering() {
  const clock = { now: 0 };
  const queue = new Gathering<{ readonly size: number; readonly name: string }>({ full: 10, waitMs: 100 }, () => clock.now);
  const add = (name: string, size: number): void => queue.add({ name, size });
  const take = (): string =>
    queue
      .take()
      .map(({ name }) => name)
      .join('');
  return { queue, clock, add, take };
}

test('nothing that waits is due never', (t) => t.is(gathering().queue.dueInMs(), null));

test('a write is due when it is full, or when the first of it has waited long enough', (t) => {
  const { queue, clock, add, take } = gathering();
  add('a', 4);
  t.is(queue.dueInMs(), 100);
  clock.now = 60;
  add('b', 4);
  t.is(queue.dueInMs(), 40, 'the first counts');
  add('c', 4);
  t.is(queue.dueInMs(), 0, 'full');
  t.is(take(), 'ab');
  t.is(queue.dueInMs(), 100, 'what is left has waited since it came');
  clock.now = 200;
  t.is(queue.dueInMs(), 0);
  t.is(take(), 'c');
  t.is(queue.dueInMs(), null);
});

test('what nobody wants any more is taken out, and what stays is as full as it is', (t) => {
  const { queue, add, take } = gathering();
  add('a', 4);
  add('b', 4);
  add('c', 4);
  t.deepEqual(
    queue.takeOut(({ name }) => name === 'b').map(({ name }) => name),
    ['b'],
  );
  t.is(queue.dueInMs(), 100);
  t.is(take(), 'ac');
});

test('what is larger than a write goes alone', (t) => {
  const { add, take } = gathering();
  for (const [name, size] of [
    ['a', 50],
    ['b', 1],
    ['c', 9],
    ['d', 50],
  ] as const)
    add(name, size);
  t.deepEqual([take(), take(), take(), take()], ['a', 'bc', 'd', '']);
});

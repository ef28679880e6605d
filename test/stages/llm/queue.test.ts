import test from 'ava';
import { Queue, type Waiting } from '../../../src/stages/llm/queue.js';

function waiting(id: string, alone = false): Waiting {
  return {
    key: { logger: '', level: '', template: id },
    text: id,
    examples: null,
    alone,
    failures: 0,
    isKnown: () => false,
    settle: () => {},
  };
}

function queue(...all: Waiting[]): Queue {
  const made = new Queue(3);
  for (const one of all) made.add(one);
  return made;
}

const ids = (batch: readonly Waiting[]): string => batch.map(({ text }) => text).join('');

test('so many go together, in the order in which they came', (t) => {
  const of = queue(...['a', 'b', 'c', 'd'].map((id) => waiting(id)));
  t.true(of.full);
  t.deepEqual([ids(of.take()), of.full, ids(of.take()), of.length, ids(of.take())], ['abc', false, 'd', 0, '']);
});

test('what goes alone takes nothing with it, and nothing takes it along', (t) => {
  const of = queue(waiting('a'), waiting('x', true), waiting('b'), waiting('c'), waiting('y', true));
  t.deepEqual([ids(of.take()), ids(of.take()), ids(of.take())], ['abc', 'x', 'y']);
});

test('what is cleared waits no more', (t) => {
  const of = queue(waiting('a'), waiting('b'));
  t.is(ids(of.clear()), 'ab');
  t.is(of.length, 0);
});

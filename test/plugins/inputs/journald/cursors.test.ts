import test from 'ava';
import { Cursors } from '../../../../plugins/inputs/journald/cursors.js';
import type { Source } from '../../../../src/record/source.js';

const source = (name: string): Source => ({ id: 'j', input: 'j', name, program: '', host: '', timezone: 'Etc/UTC', format: 'auto' });
const START = { cursor: 'start', position: 10 };

test('nothing is stored before the first source has settled what it was given', (t) => {
  const cursors = new Cursors(START);
  const a = source('a');
  cursors.give(a, 10, 11);
  cursors.mark({ cursor: 'c11', position: 11 });
  t.is(cursors.stored?.cursor, 'start');
  cursors.settle(a, 11);
  t.is(cursors.stored?.cursor, 'c11');
});

test('a source that is behind holds the cursor back, whatever others have stored', (t) => {
  const cursors = new Cursors(START);
  const [a, b] = [source('a'), source('b')];
  cursors.give(a, 10, 11);
  cursors.give(b, 11, 12);
  cursors.mark({ cursor: 'c12', position: 12 });
  cursors.give(b, 12, 13);
  cursors.mark({ cursor: 'c13', position: 13 });
  cursors.settle(b, 13);
  t.is(cursors.stored?.cursor, 'start');
  cursors.settle(a, 11);
  t.is(cursors.stored?.cursor, 'c13');
});

test('a record that waits for its end holds back what came with it, and no more', (t) => {
  const cursors = new Cursors(START);
  const a = source('a');
  cursors.give(a, 10, 11);
  cursors.mark({ cursor: 'c11', position: 11 });
  cursors.give(a, 11, 12);
  cursors.give(a, 12, 13);
  cursors.mark({ cursor: 'c13', position: 13 });
  cursors.settle(a, 12);
  t.is(cursors.stored?.cursor, 'c11');
});

test('entries that nobody wanted move the cursor', (t) => {
  const cursors = new Cursors(START);
  cursors.mark({ cursor: 'own', position: 10 });
  t.is(cursors.stored?.cursor, 'own');
});

test('of many places some are forgotten, and what is left is never ahead', (t) => {
  const cursors = new Cursors({ cursor: 'c0', position: 0 });
  const [slow, fast] = [source('slow'), source('fast')];
  cursors.give(slow, 0, 1);
  cursors.mark({ cursor: 'c1', position: 1 });
  for (let n = 1; n < 5000; n++) {
    cursors.give(fast, n, n + 1);
    cursors.mark({ cursor: `c${n + 1}`, position: n + 1 });
  }
  t.is(cursors.stored?.cursor, 'c0');
  cursors.settle(slow, 1);
  cursors.settle(fast, 3000);
  const { cursor = '', position = 0 } = cursors.stored ?? {};
  t.is(cursor, `c${position}`);
  t.true(position <= 3000 && position > 2900, String(position));
  cursors.settle(fast, 5000);
  t.is(cursors.stored?.cursor, 'c5000');
});

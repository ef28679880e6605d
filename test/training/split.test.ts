import test from 'ava';
import fc from 'fast-check';
import { holdOut } from '../../src/training/holdout.js';
import { seeded } from '../../src/training/random.js';
import { twins } from '../../src/training/twins.js';

function together(a: string, b: string): boolean {
  const [first, second] = twins([a, b]);
  return first === second;
}

test('templates are near duplicates with the same words, or all but one of five', (t) => {
  t.true(together('instance <id> failed to spawn', 'Failed to spawn instance: <str>'));
  t.true(together('failed to attach volume <id> on host', 'failed to attach volume <id> on server <host>'));
  t.true(together('failed to attach volume <id> to host', 'failed to attach volume <id>'));
  t.false(together('failed to attach volume', 'failed to attach port'), 'of four words each may decide');
  t.false(together('failed to attach volume on host', 'failed to detach port on host'));
});

test('what others connect belongs together', (t) => {
  const [first, middle, last, other] = twins(['a1 one two three four five', 'one two three four', 'b1 one two three four six', 'seven']);
  t.is(first, middle);
  t.not(last, other);
  t.deepEqual(twins(['one two three four five', 'one two three four six', 'one two three seven six']), [0, 0, 0]);
});

test('no group is on both sides, and no more is held out than was asked for', (t) => {
  fc.assert(
    fc.property(fc.array(fc.nat(20), { minLength: 1, maxLength: 200 }), fc.nat(), (groups, seed) => {
      const { fitted, held } = holdOut(groups, 0.2, seeded(seed));
      t.is(fitted.length + held.length, groups.length);
      t.true(held.length <= Math.round(0.2 * groups.length));
      const judging = new Set(held.map((i) => groups[i]));
      t.false(fitted.some((i) => judging.has(groups[i])));
      t.deepEqual(holdOut(groups, 0.2, seeded(seed)).held, held);
    }),
  );
});

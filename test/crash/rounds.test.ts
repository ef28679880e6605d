import test from 'ava';
import { crashRounds } from './rounds.js';

test('kill -9 at random moments, with rotations of both kinds, loses no record, and repeats keep their id', async (t) => {
  t.timeout(120_000);
  const result = await crashRounds(5, 7);
  t.log(result);
  t.true(result.written > 0);
  t.is(result.lost, 0);
  t.is(result.strangers, 0);
  t.is(result.collisions, 0);
});

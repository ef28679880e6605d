import test from 'ava';
import fc from 'fast-check';
import { buckets } from '../../../src/stages/bert/buckets.js';

const limits = { rows: 4, tokens: 64, stretch: 1.5 };

test('texts of about one length go together, the shortest first', (t) => {
  t.deepEqual(buckets([30, 8, 9, 31, 10], limits), [
    [1, 2, 4],
    [0, 3],
  ]);
});

test('short texts go together, however different they are', (t) => {
  t.deepEqual(buckets([1, 12, 4], limits), [[0, 2, 1]]);
});

test('every text is in one bucket, and no bucket is larger than it may be', (t) => {
  fc.assert(
    fc.property(fc.array(fc.integer({ min: 1, max: 64 })), (lengths) => {
      const found = buckets(lengths, limits);
      t.deepEqual(
        found.flat().sort((a, b) => a - b),
        lengths.map((_, i) => i),
      );
      for (const rows of found) {
        const longest = Math.max(...rows.map((row) => lengths[row] ?? 0));
        t.true(rows.length <= limits.rows && rows.length * longest <= limits.tokens);
        t.true(longest <= Math.max(8, Math.min(...rows.map((row) => lengths[row] ?? 0))) * limits.stretch);
      }
    }),
  );
});

import test from 'ava';
import { Pace } from '../../../src/telemetry/tap/pace.js';

/** How many of so many are shown in each interval. */
function shown(rate: number, coming: readonly number[]): number[] {
  const pace = new Pace(rate);
  return coming.map((records) => {
    const quota = pace.quota;
    pace.next(Math.min(quota, records), records > quota);
    return Math.min(quota, records);
  });
}

for (const { title, rate, coming, expected } of [
  { title: 'a burst after silence may have the whole rate', rate: 20, coming: [0, 0, 50, 0, 0, 0, 50], expected: [0, 0, 20, 0, 0, 0, 20] },
  {
    title: 'under a steady load each interval has its share, once the burst that it began with is a second old',
    rate: 20,
    coming: Array(9).fill(99),
    expected: [20, 0, 0, 0, 5, 5, 5, 5, 5],
  },
  { title: 'what does not divide is spread', rate: 6, coming: Array(9).fill(99), expected: [6, 0, 0, 0, 1, 2, 1, 2, 1] },
  { title: 'what fits is shown', rate: 20, coming: [5, 5, 5, 5, 4, 6, 5, 5], expected: [5, 5, 5, 5, 4, 6, 5, 5] },
  { title: 'one a second is one a second', rate: 1, coming: [3, 3, 0, 3], expected: [1, 1, 0, 1] },
])
  test(title, (t) => {
    t.deepEqual(shown(rate, coming), expected);
  });

test('whatever comes, no second shows more than the rate, and a load that lasts shows all of it', (t) => {
  for (let rate = 1; rate <= 50; rate++) {
    const coming = Array.from({ length: 60 }, (_, i) => (i < 40 ? (i * i * 7) % 23 : 1000));
    const { intervalMs } = new Pace(rate);
    const inSecond = Math.round(1000 / intervalMs);
    const seconds = shown(rate, coming).map((_, i, all) => all.slice(i, i + inSecond).reduce((sum, one) => sum + one, 0));
    t.true(Math.max(...seconds) <= rate, `rate ${rate}`);
    t.is(seconds[60 - inSecond], rate);
  }
});

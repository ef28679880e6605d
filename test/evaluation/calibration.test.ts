import test from 'ava';
import { calibrate } from '../../src/evaluation/calibration.js';

function near(actual: number | null, expected: number): boolean {
  return actual !== null && Math.abs(actual - expected) < 1e-12;
}

test('a bin holds what is above its lower end and up to its upper', (t) => {
  const counts = (confidence: number): number => calibrate([{ confidence, right: true }]).bins.findIndex(({ answers }) => answers === 1);
  t.deepEqual([0, 0.05, 0.1, 0.11, 0.3, 0.95, 1].map(counts), [0, 0, 0, 1, 2, 9, 9]);
});

test('the error is the mean gap between confidence and share of right answers', (t) => {
  const { ece, bins } = calibrate([
    ...[0.95, 0.95, 0.95, 0.95].map((confidence, i) => ({ confidence, right: i > 0 })),
    { confidence: 0.42, right: true },
  ]);
  // Four answers of five are 0.95 - 0.75 too sure, one is 1 - 0.42 too unsure.
  t.true(near(ece, (4 * 0.2 + 0.58) / 5));
  t.true(near(bins[9]?.confidence ?? null, 0.95) && bins[9]?.right === 0.75 && bins[4]?.answers === 1);
  t.deepEqual(bins[0], { from: 0, to: 0.1, answers: 0, confidence: null, right: null });
  t.is(calibrate([]).ece, null);
});

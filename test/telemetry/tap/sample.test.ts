import test from 'ava';
import { Sample } from '../../../src/telemetry/tap/sample.js';

/** A generator of numbers that look random, and are the same each time. */
function seeded(): () => number {
  let state = 1;
  return () => {
    state = (state * 48_271) % 2_147_483_647;
    return state / 2_147_483_647;
  };
}

function taken(sample: Sample, quota: number, records: number, bytes = 1) {
  for (let i = 0; i < records; i++) sample.pass(quota, () => Buffer.from(String(i).padStart(bytes)));
  const { lines, ...leftOut } = sample.take();
  return { lines: lines.map((line) => Number(line.toString())), ...leftOut };
}

test('what is no more than the quota is all shown, in order', (t) => {
  t.deepEqual(taken(new Sample(1000), 5, 5), { lines: [0, 1, 2, 3, 4], overRate: 0, tooLarge: 0 });
});

test('of more, so many are shown, in order, and the others counted', (t) => {
  const { lines, overRate } = taken(new Sample(1000, seeded()), 5, 100);
  t.is(lines.length, 5);
  t.deepEqual(
    lines,
    lines.toSorted((a, b) => a - b),
  );
  t.is(overRate, 95);
});

test('each has the same chance, the first as the last', (t) => {
  const sample = new Sample(1000, seeded());
  const chosen = Array<number>(20).fill(0);
  for (let round = 0; round < 10_000; round++) for (const i of taken(sample, 5, 20).lines) chosen[i] = (chosen[i] ?? 0) + 1;
  // 2500 are expected of each; the standard deviation is 43.
  for (const times of chosen) t.true(Math.abs(times - 2500) < 220, String(chosen));
});

test('the lines of an interval are bounded; what does not fit is counted by itself', (t) => {
  const { lines, overRate, tooLarge } = taken(new Sample(250, seeded()), 5, 50, 100);
  t.is(lines.length, 2);
  t.is(lines.length + overRate + tooLarge, 50);
  t.true(tooLarge > 0);
});

test('a record that is too large leaves its place to the next', (t) => {
  const sample = new Sample(1000);
  sample.pass(2, () => null);
  sample.pass(2, () => Buffer.from('a'));
  t.deepEqual(sample.take(), { lines: [Buffer.from('a')], overRate: 0, tooLarge: 1 });
});

test('without a quota nothing is even made', (t) => {
  const sample = new Sample(1000);
  sample.pass(0, () => t.fail() as never);
  t.deepEqual(sample.take(), { lines: [], overRate: 1, tooLarge: 0 });
});

import test from 'ava';
import { logLoss, temperatureOf } from '../../src/training/temperature.js';
import { thresholdFor } from '../../src/training/threshold.js';

const AIM = { right: 0.75, floor: 0.3, answers: 2 };

function answers(...cells: readonly (readonly [number, boolean])[]) {
  return cells.map(([confidence, right]) => ({ confidence, right }));
}

test('the threshold is the least confidence with enough right answers from there on', (t) => {
  const found = answers([0.9, true], [0.8, false], [0.7, true], [0.6, true], [0.5, false], [0.4, false]);
  t.is(thresholdFor(found, AIM), 0.6, '3 of 4');
  t.is(thresholdFor(found, { ...AIM, right: 1 }), null, 'one answer is not enough to tell');
  t.is(thresholdFor(found, { ...AIM, right: 1, answers: 1 }), 0.9);
});

test('answers of one confidence stand or fall together, and there is a floor', (t) => {
  t.is(thresholdFor(answers([0.9, true], [0.8, true], [0.8, false], [0.8, false]), AIM), null);
  t.is(thresholdFor(answers([0.9, true], [0.2, true], [0.1, false]), AIM), 0.3);
  t.is(thresholdFor(answers([0.9, true], [0.8, true]), AIM), 0.3, 'nothing speaks against less sure ones');
  t.is(thresholdFor([], AIM), null);
});

test('the temperature softens what is too sure and sharpens what is too unsure', (t) => {
  // Logits that say 0.9, of which the half is right, or all of it.
  const sure = Math.log(9);
  const scored = (right: readonly boolean[]) =>
    right.map((first) => ({ logits: Float32Array.of(sure, 0), targets: first ? Float64Array.of(1, 0) : Float64Array.of(0, 1) }));
  t.is(logLoss(scored([true]), 1).toFixed(6), Math.log(10 / 9).toFixed(6));
  // Three of four are right with logits that say log(3) at temperature 2.
  t.is(temperatureOf(scored([true, true, true, false])), 2);
  t.is(temperatureOf(scored([true, true])), 0.2, 'no further');
  t.is(temperatureOf(scored([true, false])), 5);
});

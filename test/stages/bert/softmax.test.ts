import test from 'ava';
import { likeliest } from '../../../src/stages/bert/softmax.js';

const labels = ['a', 'b', 'c', 'd'];

test('the likeliest labels come first, with probabilities that the temperature softens', (t) => {
  const logits = Float32Array.of(0, Math.log(3), 0, Number.NEGATIVE_INFINITY);
  t.deepEqual(likeliest(logits, labels, 1, 2), [
    { label: 'b', confidence: 0.6 },
    { label: 'a', confidence: 0.2 },
  ]);
  t.true((likeliest(logits, labels, 4, 1)[0]?.confidence ?? 1) < 0.5);
});

test('large logits do not overflow, and a row without numbers has no answer', (t) => {
  t.is(likeliest(Float32Array.of(1e30, 0, 0, 0), labels, 1, 1)[0]?.confidence, 1);
  t.deepEqual(likeliest(Float32Array.of(Number.NaN, 1, 1, 1), labels, 1, 3), []);
});

import test from 'ava';
import { applyHead } from '../../src/stages/bert/head.js';
import { BaseLayer } from '../../src/training/base-layer.js';
import { examplesOf } from '../../src/training/example.js';
import { teach } from '../../src/training/teach.js';
import { record } from '../record/sample.js';

/** A graph of two pooled numbers and two labels, of which it says the first. */
const BASE = { labels: ['old.a', 'old.b'], temperature: 2, head: null, minConfidence: 0.8, minConfidenceByLabel: {} };
const OPTIONS = { l2: null, seed: 1, holdout: 0.25 };
const silent = (): void => {};

/** Statements whose first pooled number says the label. */
function task(count: number) {
  const examples = Array.from({ length: count }, (_, i) => {
    const word = [...i.toString(2)].map((digit) => (digit === '1' ? 'b' : 'a')).join('');
    return { text: `x${word}`, template: `x${word}`, label: i % 2 === 0 ? 'new.x' : 'old.b', alt: null };
  });
  const features = examples.map((_, i) => ({
    pooled: Float32Array.of(i % 2 === 0 ? 1 + (i % 5) / 10 : -1 - (i % 3) / 10, (i % 7) / 7),
    logits: Float32Array.of(2, 0),
  }));
  return { examples, features };
}

test('a layer learns labels that the model does not have, and says how it does on what was held out', (t) => {
  const { examples, features } = task(200);
  const taught = teach(examples, features, [], ['old.a', 'old.b', 'new.x'], BASE, OPTIONS, silent);
  t.deepEqual([taught.fitted, taught.held, taught.choseThreshold], [150, 50, true]);
  t.deepEqual([taught.before.model.right, taught.after.model.right], [0, 1]);
  t.is(taught.minConfidence, 0.5);
  const answer = ({ pooled, logits }: (typeof features)[0]) => [...applyHead(taught.head, pooled, logits)];
  for (const [i, found] of features.entries()) {
    const [a, b, x] = answer(found) as [number, number, number];
    t.true(i % 2 === 0 ? x > Math.max(a, b) : b > Math.max(a, x));
  }
  t.deepEqual(teach(examples, features, [], ['old.a', 'old.b', 'new.x'], BASE, OPTIONS, silent), taught, 'the same again');
  t.not(teach(examples, features, [], ['old.a', 'old.b', 'new.x'], BASE, { ...OPTIONS, seed: 2 }, silent).after, taught.after);
});

test('what is rehearsed keeps labels that nobody teaches', (t) => {
  const { examples, features } = task(200);
  const labels = ['old.a', 'old.b', 'new.x'];
  // The model says old.a of texts that lie where new.x is taught, but for the second pooled number.
  const other = { pooled: Float32Array.of(1.2, 3), logits: Float32Array.of(6, 0) };
  const said = (rehearsal: readonly (typeof features)[0][]) => {
    const { head } = teach(examples, features, rehearsal, labels, BASE, OPTIONS, silent);
    const logits = [...applyHead(head, other.pooled, other.logits)];
    return labels[logits.indexOf(Math.max(...logits))];
  };
  t.deepEqual([said([]), said(Array(20).fill(other))], ['new.x', 'old.a']);
});

test('too few held-out examples choose neither temperature nor threshold', (t) => {
  const { examples, features } = task(20);
  const { temperature, minConfidence, choseThreshold } = teach(examples, features, [], ['old.b', 'new.x'], BASE, OPTIONS, silent);
  t.deepEqual([temperature, minConfidence, choseThreshold], [1, 0.8, false]);
});

test('a layer that is held back with all force says what the model said', (t) => {
  const { examples, features } = task(40);
  const { head } = teach(examples, features, [], ['old.b', 'old.a', 'new.x'], BASE, { ...OPTIONS, l2: 1e6 }, silent);
  const [b, a] = [...applyHead(head, Float32Array.of(50, 50), Float32Array.of(8, 2))] as [number, number];
  // The logits at the temperature of 2.
  t.true(Math.abs(a - 8 / 2) < 0.01 && Math.abs(b - 2 / 2) < 0.01);
});

test('a layer on top of a layer begins with what that one said', (t) => {
  const head = { labels: 2, pooled: 1, logits: 1, weights: Float32Array.of(1, 2, 3, -1, 0, 4) };
  const layer = new BaseLayer({ labels: ['a', 'b'], temperature: 2, head }, ['b', 'c', 'a']);
  const features = { pooled: Float32Array.of(10), logits: Float32Array.of(100) };
  t.deepEqual([...layer.own(features)], [213, -6]);
  t.deepEqual([...layer.offsets(features)], [-3, 0, 106.5]);
  t.deepEqual(
    [...(layer.probabilities(features) ?? [])].map((share) => share.toFixed(3)),
    ['0.000', '0.000', '1.000'],
  );
  t.is(new BaseLayer({ labels: ['a', 'b'], temperature: 2, head }, ['c']).probabilities(features), null);
  const weights = new Float64Array(9).fill(1);
  layer.addTo(weights, { pooled: 1, logits: 1 });
  t.deepEqual([...weights], [0.5, 1, 3, 1, 1, 1, 1.5, 2, 2.5]);
});

test('each text is an example once, and one of each label that it has', (t) => {
  const row = (message: string, label: string) => ({ record: record(message, { level: 'ERROR' }), label, alt: null, origin: '', line: 1 });
  const examples = examplesOf([row('port 12 lost', 'a'), row('port 13 lost', 'a'), row('port 14 lost', 'b'), row('port up', 'a')]);
  t.deepEqual(
    examples.map(({ text, template, label }) => [text, template, label]),
    [
      ['error nova compute | port <num> lost', 'port <num> lost', 'a'],
      ['error nova compute | port <num> lost', 'port <num> lost', 'b'],
      ['error nova compute | port up', 'port up', 'a'],
    ],
  );
});

import test from 'ava';
import { fitLayer } from '../../src/training/fit-layer.js';
import { layerLoss, type Problem, parametersOf } from '../../src/training/layer-loss.js';
import { seeded } from '../../src/training/random.js';
import { scaled, scaleOf, unscaled } from '../../src/training/scale.js';

/** A number that must be there. */
function at(values: ArrayLike<number>, i: number): number {
  return values[i] ?? Number.NaN;
}

/** A problem of chance. */
function problem(examples: number, width: number, labels: number, l2: number): Problem {
  const random = seeded(examples + width + labels);
  const numbers = (count: number): Float64Array => Float64Array.from({ length: count }, () => random() - 0.5);
  const targets = new Float64Array(examples * labels);
  for (let i = 0; i < examples; i++) {
    targets[i * labels + (i % labels)] = 0.75;
    targets[i * labels + ((i + 1) % labels)] = 0.25;
  }
  // The first counts twice.
  const weights = Float64Array.from({ length: examples }, (_, i) => (i === 0 ? 2 : 1) / (examples + 1));
  return { examples, width, labels, l2, features: numbers(examples * width), offsets: numbers(examples * labels), targets, weights };
}

/** The same as {@link layerLoss}, as one would write it down. */
function plainLoss({ examples, width, labels, features, offsets, targets, weights, l2 }: Problem, parameters: Float64Array): number {
  let loss = 0;
  for (let i = 0; i < examples; i++) {
    const logits = Array.from({ length: labels }, (_, k) => {
      let logit = at(offsets, i * labels + k) + at(parameters, labels * width + k);
      for (let j = 0; j < width; j++) logit += at(parameters, k * width + j) * at(features, i * width + j);
      return logit;
    });
    const all = Math.log(logits.reduce((sum, logit) => sum + Math.exp(logit), 0));
    for (const [k, logit] of logits.entries()) loss += at(weights, i) * at(targets, i * labels + k) * (all - logit);
  }
  return loss + 0.5 * l2 * parameters.reduce((sum, weight) => sum + weight * weight, 0);
}

// Examples go in fours and labels in twos: with rests and without.
for (const [examples, width, labels] of [
  [4, 3, 2],
  [5, 2, 3],
  [11, 7, 5],
] as const) {
  test(`loss and gradient of ${examples} examples and ${labels} labels are what they should be`, (t) => {
    const given = problem(examples, width, labels, 0.3);
    const parameters = problem(parametersOf(given), 1, 1, 0).features;
    const gradient = new Float64Array(parameters.length).fill(7);
    const loss = layerLoss(given)(parameters, gradient);
    t.true(Math.abs(loss - plainLoss(given, parameters)) < 1e-12);
    for (const [i, slope] of gradient.entries()) {
      const step = (by: number): number =>
        plainLoss(
          given,
          Float64Array.from(parameters, (value, k) => (k === i ? value + by : value)),
        );
      t.true(Math.abs(slope - (step(1e-5) - step(-1e-5)) / 2e-5) < 1e-8, `parameter ${i}`);
    }
  });
}

test('the layer that is fitted has less loss than its neighbours', (t) => {
  const given = problem(40, 3, 3, 0.01);
  const found = fitLayer(given, new Float64Array(parametersOf(given)));
  const least = plainLoss(given, found);
  t.true(least < plainLoss(given, new Float64Array(found.length)));
  for (const i of found.keys())
    for (const by of [-0.1, 0.1])
      t.true(
        plainLoss(
          given,
          found.map((value, k) => (k === i ? value + by : value)),
        ) > least,
      );
});

test('weights for scaled numbers can be had for the plain ones', (t) => {
  const rows = [Float64Array.of(1, 10, 5), Float64Array.of(3, 30, 5), Float64Array.of(5, -10, 5)];
  const scale = scaleOf(rows);
  t.deepEqual([...scale.means], [3, 10, 5]);
  t.deepEqual(
    [...scaled(Float64Array.of(1, 10, 5), scale)].map((value) => Math.round(1000 * value)),
    [-1225, 0, 0],
  );
  const [a, b, c, bias] = [...unscaled(Float64Array.of(2, -1, 4, 0.5), 1, scale)] as [number, number, number, number];
  for (const row of rows) {
    const [x, y, z] = [...scaled(row, scale)] as [number, number, number];
    t.true(Math.abs(a * at(row, 0) + b * at(row, 1) + c * at(row, 2) + bias - (2 * x - y + 4 * z + 0.5)) < 1e-12);
  }
});

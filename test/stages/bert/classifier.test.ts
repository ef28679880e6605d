import { readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import test, { type ExecutionContext } from 'ava';
import { TrilogError } from '../../../src/errors.js';
import { openClassifier } from '../../../src/stages/bert/classifier.js';
import { encodeHead } from '../../../src/stages/bert/head.js';
import { tinyCopy, tinyModel } from './tiny.js';

/** The tiny model with a layer on top that turns its votes round: what it says least is the label. */
function turnedRound(t: ExecutionContext, shape: object = { pooled: 3, logits: 3 }): string {
  const folder = tinyCopy(t);
  const file = join(folder, 'model.json');
  writeFileSync(file, JSON.stringify({ ...JSON.parse(readFileSync(file, 'utf8')), head: shape }));
  const { pooled, logits } = { pooled: 3, logits: 3, ...shape };
  const stride = pooled + logits + 1;
  const weights = new Float32Array(3 * stride);
  for (const label of [0, 1, 2]) weights[label * stride + pooled + label] = -1;
  writeFileSync(join(folder, 'head.bin'), encodeHead({ labels: 3, pooled, logits, weights }));
  return folder;
}

function open(folder: string) {
  return openClassifier({ model: tinyModel(folder), threads: 1, maxTokens: 32, executionProviders: ['cpu'] });
}

test('a layer on top answers in place of the graph', async (t) => {
  const plain = await (await open(tinyCopy(t))).classify(['claim claim instance', 'rabbit']);
  const turned = await (await open(turnedRound(t))).classify(['claim claim instance', 'rabbit']);
  t.deepEqual(
    plain.map(([first]) => first?.label),
    ['capacity.allocation', 'messaging.connection'],
  );
  t.deepEqual(
    turned.map((guesses) => guesses.at(-1)?.label),
    ['capacity.allocation', 'messaging.connection'],
  );
});

test('features are what a layer reads, in the order of the texts', async (t) => {
  const classifier = await open(tinyCopy(t));
  t.true(classifier.hasPooled);
  // Of different lengths: they go through the graph in another order.
  const texts = [`${'spawn '.repeat(20)}`, 'claim', `${'rabbit '.repeat(15)}`];
  t.deepEqual(await classifier.features(texts), [
    ...[[40, 0, 0] as const, [0, 0, 4] as const, [0, 60, 0] as const].map((votes) => ({
      pooled: Float32Array.from(votes),
      logits: Float32Array.from(votes),
    })),
  ]);
});

test('a tokenizer with more words than the graph is refused', async (t) => {
  const folder = tinyCopy(t);
  const file = join(folder, 'tokenizer.json');
  const tokenizer = JSON.parse(readFileSync(file, 'utf8'));
  tokenizer.model.vocab.beyond = 12;
  writeFileSync(file, JSON.stringify(tokenizer));
  const error = await t.throwsAsync(() => open(folder), { instanceOf: TrilogError, code: 'MODEL_INVALID' });
  t.regex(error?.message ?? '', /model\.onnx: it does not take token 12, the highest of tokenizer\.json: /);
});

test('a layer that does not fit the graph is refused', async (t) => {
  for (const [shape, problem] of [
    [{ pooled: 4, logits: 3 }, /gives \[1, 3\] pooled, and model\.json says 4/],
    [{ pooled: 3, logits: 5 }, /gives \[1, 3\] logits, and model\.json says 5/],
  ] as const) {
    const error = await t.throwsAsync(() => open(turnedRound(t, shape)), { instanceOf: TrilogError });
    t.is(error?.code, 'MODEL_INVALID');
    t.regex(error?.message ?? '', problem);
  }
});

import test from 'ava';
import { applyHead, decodeHead, encodeHead } from '../../../src/stages/bert/head.js';

const SHAPE = { labels: 2, pooled: 3, logits: 1 };
const HEAD = { ...SHAPE, weights: Float32Array.of(1, 0, 0, 0.5, 10, 0, 1, 2, 0, -1) };

test('each label adds up the pooled output, the logits and what is its own', (t) => {
  t.deepEqual([...applyHead(HEAD, Float32Array.of(3, 4, 5), Float32Array.of(8))], [3 + 4 + 10, 4 + 10 - 1]);
});

test('a layer is written as little-endian floats and read back', (t) => {
  const bytes = encodeHead(HEAD);
  t.is(bytes.toString('hex', 0, 4), '0000803f');
  t.deepEqual(decodeHead(bytes, SHAPE), HEAD);
});

test('bytes of another size, or that are no numbers, are no layer', (t) => {
  const bytes = encodeHead(HEAD);
  t.is(decodeHead(bytes.subarray(1), SHAPE), 'it has 39 bytes, and 2 labels over 3 + 1 numbers take 40 as 32-bit floats');
  t.regex(String(decodeHead(bytes, { ...SHAPE, labels: 3 })), /take 60/);
  bytes.writeFloatLE(Number.NaN, 8);
  t.is(decodeHead(bytes, SHAPE), 'it holds values that are no numbers');
});

import test from 'ava';
import { plain } from '../../../plugins/shippers/codec.js';
import { GrowingBlocks } from '../../../plugins/shippers/growing-blocks.js';
import type { Source } from '../../../src/record/source.js';

const source = (name: string): Source => ({ id: 'i', input: 'i', name, program: '', host: '', timezone: 'Etc/UTC', format: 'auto' });

test('lines are sorted by their source, each with its position; a text with newlines stays one', (t) => {
  const [a, b] = [source('a'), source('b')];
  const blocks = new GrowingBlocks(100, (one) => one === b);
  blocks.add(a, plain('one'), 0, 1);
  blocks.add(b, { ...plain('two\nlines'), time: 5, fields: { x: 1 } }, 1, 2);
  blocks.add(a, plain('three'), 2, 3);
  const [first, second] = blocks.drain();
  t.like(first, { source: a, lines: ['one', 'three'], offsets: [0, 2], end: 3, bytes: 8 });
  t.is(first?.apart, undefined);
  t.is(first?.whole, undefined);
  t.like(second, { source: b, lines: ['two\nlines'], times: [5], end: 2, apart: true });
  t.deepEqual([...(second?.whole ?? [])], [0]);
  t.deepEqual([...(second?.fields ?? [])], [[0, { x: 1 }]]);
  t.deepEqual(blocks.drain(), []);
});

test('what is too long is cut, and marked as what was cut before', (t) => {
  const blocks = new GrowingBlocks(4);
  t.true(blocks.add(source('a'), plain('12345'), 0, 1));
  const [block] = blocks.drain();
  t.deepEqual(block?.lines, ['1234']);
  t.deepEqual([...(block?.cut ?? [])], [0]);
  t.true(blocks.add(source('a'), plain('123'), 1, 2, true));
});

test('a source that ends says so where it had come to, also without a line', (t) => {
  const a = source('a');
  const blocks = new GrowingBlocks(100);
  blocks.add(a, plain('one'), 7, 8);
  t.is(blocks.drain()[0]?.last, undefined);
  blocks.end(a);
  t.like(blocks.drain()[0], { lines: [], end: 8, last: true });
});

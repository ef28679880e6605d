import test from 'ava';
import fc from 'fast-check';
import { StreamLines } from '../../src/record/stream-lines.js';

/** The lines of a text that comes in chunks of these sizes. */
function linesOf(text: Buffer, sizes: readonly number[], maxLineBytes = 1000): { lines: string[]; offsets: number[]; cut: number[] } {
  const stream = new StreamLines(maxLineBytes);
  const found = { lines: [] as string[], offsets: [] as number[], cut: [] as number[] };
  let at = 0;
  const parts = [];
  for (const size of [...sizes, text.length]) {
    parts.push(stream.feed(text.subarray(at, at + size)));
    at += size;
  }
  parts.push(stream.last());
  for (const { lines, offsets, cut } of parts) {
    found.cut.push(...[...cut].map((index) => index + found.lines.length));
    found.lines.push(...lines);
    found.offsets.push(...offsets);
  }
  return found;
}

test('a line is whole wherever the stream is cut into chunks, also within a character', (t) => {
  const text = Buffer.from('Müll\r\n\nzweite\nohne Ende');
  for (let size = 1; size <= text.length; size++) {
    const found = linesOf(
      text,
      Array.from({ length: text.length }, () => size),
    );
    t.deepEqual(found, { lines: ['Müll', '', 'zweite', 'ohne Ende'], offsets: [0, 7, 8, 15], cut: [] }, `chunks of ${size}`);
  }
});

test('a line that does not end is cut, and the next one begins where it stands in the stream', (t) => {
  const text = Buffer.from(`${'x'.repeat(5000)}\nnext\n`);
  for (const size of [1, 7, 999, 1000, 1001, 4999, 5001])
    t.deepEqual(
      linesOf(
        text,
        Array.from({ length: 5006 }, () => size),
      ),
      { lines: ['x'.repeat(1000), 'next'], offsets: [0, 5001], cut: [0] },
      `chunks of ${size}`,
    );
});

test('whatever the bytes and chunks are, the lines are those of the whole', (t) => {
  fc.assert(
    fc.property(
      fc.array(fc.constantFrom('a', '\n', '\r', 'é', '\u{1f600}', 'bcdefghij')),
      fc.array(fc.integer({ min: 1, max: 9 })),
      (parts, sizes) => {
        const text = Buffer.from(parts.join(''));
        t.deepEqual(linesOf(text, sizes, 20), linesOf(text, [], 20));
      },
    ),
  );
  t.pass();
});

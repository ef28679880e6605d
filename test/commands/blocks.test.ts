import test from 'ava';
import { blocks } from '../../src/commands/blocks.js';
import type { Source } from '../../src/record/source.js';

const source: Source = { id: 'x', input: 'test', name: 'x', program: '', host: 'h', timezone: 'Etc/UTC', format: 'auto' };

async function* chunksOf(bytes: Buffer, size: number): AsyncGenerator<Buffer> {
  for (let at = 0; at < bytes.length; at += size) yield bytes.subarray(at, at + size);
}

async function linesOf(bytes: Buffer, chunk: number, maxLineBytes: number) {
  const found: { line: string; offset: number; cut: boolean }[] = [];
  let end = 0;
  let size = 0;
  for await (const block of blocks(chunksOf(bytes, chunk), source, maxLineBytes)) {
    for (const [i, line] of block.lines.entries()) found.push({ line, offset: block.offsets[i] ?? -1, cut: block.cut?.has(i) === true });
    end = block.end;
    size += block.bytes;
  }
  return { found, end, size };
}

test('lines, offsets and cuts do not depend on where the chunks end', async (t) => {
  const bytes = Buffer.from('ab\r\n\n12345678\r\n123456789\r\n1234567890abcdef\nüüüüüü\nlast');
  const whole = await linesOf(bytes, bytes.length, 8);
  t.deepEqual(
    whole.found.map(({ line, offset, cut }) => [line, offset, cut]),
    [
      ['ab', 0, false],
      ['', 4, false],
      ['12345678', 5, false],
      ['12345678', 15, true],
      ['12345678', 26, true],
      ['üüüü', 43, true],
      ['last', 56, false],
    ],
  );
  for (let chunk = 1; chunk < bytes.length; chunk++) t.deepEqual(await linesOf(bytes, chunk, 8), whole, `${chunk}`);
  t.deepEqual([whole.end, whole.size], [bytes.length, bytes.length]);
});

test('a line without end takes time in proportion to its length', async (t) => {
  const megabyte = Buffer.alloc(1_048_576, 'x');
  async function* endless(): AsyncGenerator<Buffer> {
    for (let i = 0; i < 256; i++) yield megabyte;
    yield Buffer.from('\nafter\n');
  }
  const started = performance.now();
  const lines: [number, number, boolean][] = [];
  for await (const block of blocks(endless(), source, 1_048_576))
    for (const [i, line] of block.lines.entries()) lines.push([line.length, block.offsets[i] ?? -1, block.cut?.has(i) === true]);
  t.deepEqual(lines, [
    [1_048_576, 0, true],
    [5, 256 * 1_048_576 + 1, false],
  ]);
  // Carrying all of it along took minutes.
  t.true(performance.now() - started < 5000);
});

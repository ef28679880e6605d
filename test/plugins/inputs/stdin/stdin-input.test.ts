import { PassThrough } from 'node:stream';
import test from 'ava';
import { config } from '../../../../plugins/inputs/stdin/config.js';
import { plugin } from '../../../../plugins/inputs/stdin/index.js';
import { StdinInput } from '../../../../plugins/inputs/stdin/stdin-input.js';
import type { LineBlock } from '../../../../src/record/source.js';
import { context } from '../../context.js';

function reading(keys: object = {}) {
  const stream = new PassThrough({ highWaterMark: 1024 });
  const lent = context();
  const input = new StdinInput(config.parse(keys), lent, stream);
  const stop = new AbortController();
  return { stream, input, stop, counts: lent.counts, blocks: input.read(stop.signal)[Symbol.asyncIterator]() };
}

/** All that comes from here to the end. */
async function rest(blocks: AsyncIterator<LineBlock>): Promise<LineBlock[]> {
  const found: LineBlock[] = [];
  for (let next = await blocks.next(); next.done !== true; next = await blocks.next()) found.push(next.value);
  return found;
}

test('every line comes, also one without a newline at the end; then the source ends', async (t) => {
  const { stream, blocks } = reading();
  stream.write('one\ntw');
  stream.end('o\n\nlast');
  const found = await rest(blocks);
  t.deepEqual(
    found.flatMap(({ lines }) => lines),
    ['one', 'two', '', 'last'],
  );
  t.deepEqual(
    found.map(({ last }) => last === true),
    found.map((_block, i) => i === found.length - 1),
  );
});

test('lines come while the writer keeps the pipe open', async (t) => {
  const { stream, blocks } = reading();
  const first = blocks.next();
  stream.write('one\n');
  t.deepEqual((await first).value?.lines, ['one']);
  const second = blocks.next();
  stream.write('two\n');
  t.deepEqual((await second).value?.lines, ['two']);
});

test('nothing is read while nobody asks for more', async (t) => {
  const { stream, blocks } = reading();
  const first = blocks.next();
  stream.write('one\n');
  await first;
  let taken = 0;
  while (stream.write('x'.repeat(99).concat('\n'))) taken++;
  await new Promise((resolve) => setImmediate(resolve));
  t.true(stream.writableNeedDrain);
  stream.end();
  t.is((await rest(blocks)).flatMap(({ lines }) => lines).length, taken + 1);
});

test('a stop hands on what was taken out of the pipe, half a line too, which is marked as cut', async (t) => {
  const { stream, stop, blocks } = reading();
  const first = blocks.next();
  stream.write('one\n');
  await first;
  stream.write('two\nthr');
  stop.abort();
  const found = await rest(blocks);
  t.deepEqual(
    found.flatMap(({ lines }) => lines),
    ['two', 'thr'],
  );
  const last = found.at(-1);
  t.is(last?.last, true);
  t.deepEqual([...(last?.cut ?? [])], [0]);
});

test('a line in the JSON of Fluentd is what its program wrote, of the host and file that Fluentd says', async (t) => {
  const { stream, blocks } = reading();
  stream.write(`${JSON.stringify({ message: 'a line', path: '/var/log/nova/nova-api.log', hostname: 'ctl1' })}\n`);
  stream.end(`${JSON.stringify({ message: 'other', path: '/var/log/nova/nova-compute.log', hostname: 'cmp1' })}\n`);
  const found = await rest(blocks);
  t.deepEqual(
    found.filter(({ lines }) => lines.length > 0).map(({ source, lines }) => [source.host, source.program, lines]),
    [
      ['ctl1', 'nova-api', ['a line']],
      ['cmp1', 'nova-compute', ['other']],
    ],
  );
  t.true(found.filter(({ last }) => last).length === 2);
});

test('codec: lines takes JSON as it stands', async (t) => {
  const { stream, blocks } = reading({ codec: 'lines' });
  const line = JSON.stringify({ message: 'a line', hostname: 'ctl1' });
  stream.end(line);
  t.deepEqual(
    (await rest(blocks)).flatMap(({ lines }) => lines),
    [line],
  );
});

test('a line beyond max_line_bytes is cut and counted', async (t) => {
  const { stream, blocks, counts } = reading({ max_line_bytes: 16 });
  stream.end(`${'y'.repeat(5000)}\nshort\n`);
  const found = await rest(blocks);
  t.deepEqual(
    found.flatMap(({ lines }) => lines),
    ['y'.repeat(16), 'short'],
  );
  t.is(counts.get('lines_cut'), 1);
});

test('a stream that breaks is told, and ends the input', async (t) => {
  const { stream, blocks } = reading();
  const first = blocks.next();
  stream.write('one\n');
  await first;
  stream.destroy(new Error('broken'));
  const found = await rest(blocks);
  t.is(found.at(-1)?.last, true);
});

test('no two runs give the same ids', async (t) => {
  const ids = await Promise.all(
    [reading(), reading()].map(async ({ stream, blocks }) => {
      stream.end('one\n');
      return (await rest(blocks))[0]?.source.id;
    }),
  );
  t.not(ids[0], ids[1]);
});

test('only one input of an agent can read standard input', (t) => {
  const one = { kind: 'input', name: 'a', type: 'stdin', config: {} } as const;
  t.is(plugin.problem?.(config.parse({}), [one, { ...one, kind: 'output' }]) ?? null, null);
  t.regex(plugin.problem?.(config.parse({}), [one, { ...one, name: 'b' }]) ?? '', /only one standard input/);
});

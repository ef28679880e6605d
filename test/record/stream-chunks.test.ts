import { PassThrough } from 'node:stream';
import test from 'ava';
import { chunksOf } from '../../src/record/stream-chunks.js';

/** What comes to the end. */
async function rest(chunks: AsyncGenerator<Buffer>): Promise<string> {
  let text = '';
  for await (const chunk of chunks) text += chunk.toString();
  return text;
}

test('all comes, to the end of the stream', async (t) => {
  const stream = new PassThrough();
  const text = rest(chunksOf(stream, new AbortController().signal));
  stream.write('one ');
  await new Promise((resolve) => setImmediate(resolve));
  stream.end('two');
  t.is(await text, 'one two');
});

test('a stream that breaks ends, before it is waited for and after', async (t) => {
  const waitedFor = new PassThrough();
  const waiting = rest(chunksOf(waitedFor, new AbortController().signal));
  waitedFor.destroy(new Error('broken'));
  t.is(await waiting, '');
  const broken = new PassThrough();
  broken.on('error', () => {}).destroy(new Error('broken'));
  t.is(await rest(chunksOf(broken, new AbortController().signal)), '');
});

test('after the signal what was taken in still comes, and the stream is left as it is', async (t) => {
  const stream = new PassThrough();
  const stop = new AbortController();
  const chunks = chunksOf(stream, stop.signal);
  const waiting = chunks.next();
  stop.abort();
  t.true((await waiting).done);
  stream.write('late');
  t.is(await rest(chunksOf(stream, stop.signal)), 'late');
  t.false(stream.destroyed);
});

test('no listener but that of errors stays behind', async (t) => {
  const stream = new PassThrough();
  const before = stream.eventNames().length;
  const chunks = chunksOf(stream, new AbortController().signal);
  const waiting = chunks.next();
  stream.write('one');
  await waiting;
  t.is(stream.listenerCount('readable'), 0);
  t.is(stream.listenerCount('error'), 1);
  t.true(stream.eventNames().length <= before + 1);
});

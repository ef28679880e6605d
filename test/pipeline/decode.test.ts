import test from 'ava';
import type { Batch } from '../../src/pipeline/batch.js';
import { DecodeStage } from '../../src/pipeline/decode.js';
import type { LineBlock } from '../../src/record/source.js';
import { source } from '../record/sample.js';

const HEAD = '2026-03-02 10:11:12.123 7 ERROR nova.compute [-] ';
const SOURCE = source();

function block(start: number, ...lines: string[]): LineBlock {
  const offsets = lines.map((_, i) => start + i);
  return { source: SOURCE, lines, offsets, end: start + lines.length, bytes: lines.join().length };
}

function stage(): DecodeStage {
  return new DecodeStage({ pauseMs: 600_000, maxLines: 100, maxBytes: 10_000 }, new AbortController().signal);
}

/** The messages of all that waits to be taken. */
function taken(decode: DecodeStage): string[] {
  const messages: string[] = [];
  for (let batch = decode.read() as Batch | null; batch !== null; batch = decode.read() as Batch | null)
    messages.push(...batch.records.map(({ message }) => message));
  return messages;
}

test('a record that heard nothing for a pause is complete', (t) => {
  const decode = stage();
  decode.write(block(0, `${HEAD}said`));
  t.deepEqual(taken(decode), []);
  decode.tick();
  decode.tick();
  t.deepEqual(taken(decode), []);
  decode.tick();
  t.deepEqual(taken(decode), ['said']);
  decode.destroy();
});

test('what comes within a pause continues a record', (t) => {
  const decode = stage();
  decode.write(block(0, `${HEAD}said`));
  for (let i = 1; i < 10; i++) {
    t.deepEqual(taken(decode), []);
    decode.tick();
    decode.tick();
    decode.write(block(i, `more ${i}`));
  }
  decode.end();
  t.is(taken(decode)[0]?.split('\n').length, 10);
  decode.destroy();
});

test('a record is not torn while nobody takes what was decoded before it', (t) => {
  const decode = stage();
  decode.write(block(0, `${HEAD}first`, `${HEAD}second`));
  for (let i = 0; i < 10; i++) decode.tick();
  decode.write(block(2, 'the rest of the second'));
  decode.end();
  t.deepEqual(taken(decode), ['first', 'second\nthe rest of the second']);
  decode.destroy();
});

test('a source that is quiet gets its last record out, however busy another is behind a slow output', (t) => {
  const decode = stage();
  decode.write(block(0, `${HEAD}quiet`));
  const busy = source({ id: 'busy' });
  const messages: string[] = [];
  for (let i = 0; i < 100 && !messages.includes('quiet'); i++) {
    decode.write({ ...block(0, `${HEAD}a`, `${HEAD}b`), source: busy });
    decode.tick();
    messages.push(...taken(decode));
  }
  t.true(messages.includes('quiet'));
  decode.destroy();
});

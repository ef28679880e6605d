import test from 'ava';
import { EcsEncoder } from '../../src/record/profiles/ecs.js';
import { LetterRecords, parseLine } from '../../src/replay/letter.js';
import { LetterKeys } from '../../src/replay/letter-files.js';
import { record } from '../record/sample.js';

const WHOLE = '{"time":"2026-03-02T10:11:12.000Z","output":"out","reason":"no","record":{"message":"a"}}';

for (const [what, line, kind] of [
  ['a letter', WHOLE, 'letter'],
  ['a letter with text for a record', WHOLE.replace('{"message":"a"}', '"a"'), 'letter'],
  ['a letter that is cut off', WHOLE.slice(0, 50), 'torn'],
  ['the very beginning of a letter', '{"ti', 'torn'],
  ['a letter that is damaged in between', WHOLE.replace('"no"', 'no"'), 'unreadable'],
  ['something else', 'hello', 'unreadable'],
  ['a list', '[]', 'unreadable'],
  ['a letter without a reason', WHOLE.replace('reason', 'x'), 'unreadable'],
  ['a letter whose record is a number', WHOLE.replace('{"message":"a"}', '7'), 'unreadable'],
] as const) {
  test(`a line is ${what}`, (t) => t.is(parseLine(line, line.length).kind, kind));
}

test('a record that was a letter is written as before, the time of reading apart', (t) => {
  const document = new EcsEncoder().encode(
    record('bad', {
      timestamp: Date.UTC(2026, 2, 2),
      level: 'ERROR',
      logger: 'nova.api',
      format: 'oslo',
      template: 'bad <*>',
      templateId: 'f00',
      guess: { label: 'auth.failure', confidence: 0.4 },
      fields: { a: [1, { b: 'c' }] },
      truncated: true,
      http: {
        clientIp: '192.0.2.7',
        method: 'GET',
        path: '/v3?x=1',
        version: '1.1',
        status: 500,
        bytes: 7,
        duration: 0.25,
        userAgent: 'curl',
        referrer: '',
      },
    }),
  );
  const parsed = parseLine(WHOLE.replace('{"message":"a"}', document), 1);
  if (parsed.kind !== 'letter') return t.fail();
  const read = new LetterRecords('elsewhere').recordOf({ ...parsed.letter, key: 'key' });
  return t.is(new EcsEncoder().encode(read), document);
});

test('equal lines of a file are different letters, and the same when they are read again', (t) => {
  const [first, second] = [new LetterKeys(), new LetterKeys()];
  const lines = ['a', 'b', 'a', 'a'];
  const keys = lines.map((line) => first.keyOf(line));
  t.is(new Set(keys).size, 4);
  t.deepEqual(
    lines.map((line) => second.keyOf(line)),
    keys,
  );
  for (const key of keys) t.regex(key, /^[A-Za-z0-9_-]{22}$/);
});

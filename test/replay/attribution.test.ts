import test from 'ava';
import { attribute } from '../../src/replay/attribution.js';

const WRITTEN = [
  { id: '1', message: 'a' },
  { id: '2', message: 'b' },
  { id: '3', message: 'b' },
  { id: '1', message: 'a' },
];

for (const [what, document, refused, unknown] of [
  ['by id', '{"event":{"id":"2"},"message":"zzz"}', [1], 0],
  ['all of the same id', '{"event":{"id":"1"}}', [0, 3], 0],
  ['by message where there is no id', '{"message":"b"}', [1, 2], 0],
  ['by message where the id is another', '{"event":{"id":"9"},"message":"b"}', [1, 2], 0],
  ['plain text is a message', 'a', [0, 3], 0],
  ['neither', '{"event":null}', [], 1],
  ['other JSON', '[1]', [], 1],
  ['null', 'null', [], 1],
] as const) {
  test(`a rejection is about: ${what}`, (t) => {
    const found = attribute(WRITTEN, [{ document, reason: 'no' }]);
    t.deepEqual([...found.refused.keys()], [...refused]);
    t.is(found.unknown.length, unknown);
  });
}

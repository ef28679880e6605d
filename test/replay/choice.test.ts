import test from 'ava';
import { compileChoice, maskReason } from '../../src/replay/choice.js';

for (const [reason, masked] of [
  ['mapping: no', 'mapping: no'],
  ["document 'abc' is 17 bytes too long", "document '…' is # bytes too long"],
  ["field's value: 'x' and 'y'", "field's value: '…' and '…'"],
  ['"a" of [b] at 1:2', '"…" of [b] at #'],
  ['at 2026-03-02T10:11:12.123Z', 'at #'],
  ['id 0f3e-aa12-99 of abc', 'id # of abc'],
  ["an open ' quote", "an open ' quote"],
  ['', ''],
] as const) {
  test(`a reason without its values: ${reason}`, (t) => t.is(maskReason(reason), masked));
}

test('a reason of any length is masked at once, and short', (t) => {
  for (const piece of ["'", '"', 'a', "a'", '7-', '1']) t.true(maskReason(piece.repeat(1_000_000)).length < 200);
});

const letter = { output: 'search', reason: 'Mapping: no', label: 'auth.failure' };

for (const [what, choice, expected] of [
  ['nothing asked', {}, true],
  ['the output', { outputs: ['search'] }, true],
  ['another output', { outputs: ['other'] }, false],
  ['a part of the reason in another case', { reasons: ['x', 'mapPING'] }, true],
  ['another reason', { reasons: ['x'] }, false],
  ['a glob on the label', { labels: ['*.failure'] }, true],
  ['another label', { labels: ['capacity.*'] }, false],
  ['one of three that does not hold', { outputs: ['search'], reasons: ['mapping'], labels: ['capacity.*'] }, false],
] as const) {
  test(`chosen: ${what}`, (t) => t.is(compileChoice({ outputs: [], reasons: [], labels: [], ...choice })(letter), expected));
}

import test from 'ava';
import { IndexNames, indexProblem, wildcardOf } from '../../../../plugins/outputs/search/target.js';

const NOW = Date.parse('2026-03-02T12:00:00Z');
const DAY_MS = 86_400_000;

for (const [pattern, timestamp, name] of [
  ['flog-{date}', '2026-03-02T23:59:59.999Z', 'flog-2026.03.02'],
  ['flog-{date}', '2026-03-03T00:00:00.000Z', 'flog-2026.03.03'],
  ['os-{month}', '2026-02-28T10:00:00Z', 'os-2026.02'],
  ['os-{year}-{month}', '2025-12-31T10:00:00Z', 'os-2025-2025.12'],
  ['plain', '2026-03-02T10:00:00Z', 'plain'],
] as const)
  test(`${pattern} at ${timestamp} is ${name}`, (t) => t.is(new IndexNames(pattern, () => NOW).nameFor(Date.parse(timestamp)), name));

test('a line can claim any date: what is not within reason shares one index', (t) => {
  const names = new IndexNames('flog-{date}', () => NOW);
  for (const timestamp of [Number.NaN, 0, NOW - 401 * DAY_MS, NOW + 3 * DAY_MS, 253_402_300_799_999, -62_135_596_800_000])
    t.is(names.nameFor(timestamp), 'flog-undated');
  t.is(names.nameFor(NOW - 399 * DAY_MS), 'flog-2025.01.27');
});

for (const [pattern, problem] of [
  ['flog-{date}', null],
  ['a.b_c+d-{month}', null],
  ['flog-{host}', /\{host\} is no placeholder/],
  ['flog-{group}', /no placeholder/],
  ['Flog', /lower-case/],
  ['-flog', /lower-case/],
  ['flog/../x', /lower-case/],
  ['flog-{date', /lower-case/],
  ['', /lower-case/],
  ['x'.repeat(201), /200/],
] as const)
  test(`an index by the name of ${JSON.stringify(pattern.slice(0, 20))} is ${problem === null ? 'taken' : 'refused'}`, (t) => {
    const found = indexProblem(pattern);
    if (problem === null) t.is(found, null);
    else t.regex(found ?? '', problem);
  });

test('all indices of a pattern are found by a wildcard', (t) => {
  t.is(wildcardOf('flog-{date}'), 'flog-*');
  t.is(wildcardOf('os-{year}{month}-x'), 'os-*-x');
});

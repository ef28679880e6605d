import test from 'ava';
import { formatProblem, YamlFile } from '../../src/yaml/document.js';

for (const [what, text, problem] of [
  ['is inside a list that it stands for', 'x: 1\ny: &a [1, *a]\n', 'f:2:11: the alias *a is inside what it stands for'],
  ['is deep inside', 'x: &a\n  y:\n    z: [*a]\n', 'f:3:9: the alias *a is inside what it stands for'],
  ['has no anchor', 'x: 1\ny: *b\n', 'f:2:4: the alias *b has no anchor &b before it'],
  ['comes before its anchor', 'x: *b\ny: &b 1\n', 'f:1:4: the alias *b has no anchor &b before it'],
] as const) {
  test(`an alias that ${what} is told with its place`, (t) => {
    const file = new YamlFile('f', text);
    t.deepEqual(file.syntaxProblems.map(formatProblem), [problem]);
    t.is(file.value, undefined);
  });
}

test('aliases that expand beyond reason are told with the place of the first', (t) => {
  const ten = (name: string) => `[${Array.from({ length: 10 }, () => name).join(',')}]`;
  const file = new YamlFile('f', `a: &a ${ten('x')}\nb: &b ${ten('*a')}\nc: &c ${ten('*b')}\nd: ${ten('*c')}\n`);
  t.regex(file.syntaxProblems.map(formatProblem).join('\n'), /^f:2:8: .*alias/);
});

test('an anchor may be named again, and used beside itself', (t) => {
  t.deepEqual(new YamlFile('f', 'a: &a 1\nb: *a\nc: &a [2]\nd: *a\n').value, { a: 1, b: 1, c: [2], d: [2] });
});

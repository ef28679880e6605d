import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import test from 'ava';
import { checkExamples } from '../../../src/stages/rules/examples.js';
import { loadRules } from '../../../src/stages/rules/load.js';
import { loadTaxonomy } from '../../../src/stages/taxonomy.js';

const taxonomy = loadTaxonomy();

const root = mkdtempSync(join(tmpdir(), 'trilog-rules-'));
test.after.always(() => rmSync(root, { recursive: true, force: true }));

function ruleFile(text: string): string {
  const file = join(mkdtempSync(join(root, 'test-')), 'rules.yaml');
  writeFileSync(file, text);
  return file;
}

function problemsOf(text: string): string[] {
  const file = ruleFile(text);
  try {
    loadRules([file], taxonomy);
    return [];
  } catch (error) {
    return (error as Error).message.split('\n').map((line) => line.replace(file, ''));
  }
}

test('every problem of a file is told at once, with its place', (t) => {
  const problems = problemsOf(`pack: test
rules:
  - id: a.b
    label: no.such_label
    match: '^(?=x)'
    examples: { match: [x] }
  - id: a.b
    label: host.system
    hint: x
    examples: { match: [x] }
`);
  t.deepEqual(
    problems.map((line) => line.split(': ').slice(0, 2).join(': ')),
    [':4:12: rules[0].label', ':5:12: rules[0].match', ':7:9: rules[1].id', ':7:9: rules[1].id', ':9:11: rules[1].hint'],
  );
});

test('unknown keys and wrong types are problems', (t) => {
  const problems = problemsOf('pack: test\nrules:\n  - { id: a.b, label: host.system, begins: x, starts: 5, examples: { match: [x] } }\n');
  t.is(problems.length, 2);
  t.true(problems.some((line) => line.includes('unknown key "begins"')));
});

test('a YAML bomb is refused', (t) => {
  const bomb = [
    'a: &a [x,x,x,x,x,x,x,x,x]',
    ...'bcdefghi'.split('').map((name, i) => `${name}: &${name} [${Array(9).fill(`*${'abcdefghi'[i]}`).join(',')}]`),
  ];
  t.true(problemsOf(bomb.join('\n')).length > 0);
});

test('an example that an earlier rule takes is told, and so is a rule that can never win', (t) => {
  const rules = loadRules(
    [
      ruleFile(`pack: test
rules:
  - { id: broad.one, label: host.system, starts: Failed, examples: { match: [Failed] } }
  - { id: narrow.one, label: host.system, starts: Failed to, examples: { match: [Failed to run] } }
  - { id: half.one, label: host.system, contains: run, examples: { match: [will run, Failed run], no_match: [run] } }
`),
    ],
    taxonomy,
  );
  const { failures, examples } = checkExamples(rules);
  t.is(examples, 5);
  t.deepEqual(
    failures.map(({ rule, message }) => `${rule.rule.id}: ${message}`),
    [
      'narrow.one: can never win on its own examples: broad.one comes first',
      'half.one: example "Failed run" is won by broad.one',
      'half.one: example "run" should not match, but does',
    ],
  );
});

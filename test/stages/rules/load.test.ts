import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import test from 'ava';
import { PACKAGE_ROOT } from '../../../src/paths.js';
import { checkExamples } from '../../../src/stages/rules/examples.js';
import { loadRules } from '../../../src/stages/rules/load.js';
import { nativeCompiler, type PatternCompiler, portableCompiler } from '../../../src/stages/rules/pattern.js';
import { loadTaxonomy } from '../../../src/stages/taxonomy.js';

const taxonomy = loadTaxonomy();

const root = mkdtempSync(join(tmpdir(), 'trilog-rules-'));
test.after.always(() => rmSync(root, { recursive: true, force: true }));

function ruleFile(text: string): string {
  const file = join(mkdtempSync(join(root, 'test-')), 'rules.yaml');
  writeFileSync(file, text);
  return file;
}

function problemsOf(text: string, compile?: PatternCompiler): string[] {
  const file = ruleFile(text);
  try {
    loadRules([file], taxonomy, compile);
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

test('a rule that is not well-formed hides nothing of the others, nor of itself', (t) => {
  const problems = problemsOf(`pack: test
rules:
  - { id: a.b, label: no.such_label, starts: 5, match: '(', where: { colour: x }, examples: { match: [x] } }
  - { id: a.b, label: host.system, starts: x, where: { fields.x: y, color: z }, examples: { match: [x] } }
  - { id: c.d, label: host.system, match: '^(?=x)', where: { colour: x }, examples: { match: [x] } }
  - 7
`);
  t.deepEqual(problems.map((line) => line.split(': ').slice(0, 3).join(': ')).toSorted(), [
    ':3:23: rules[0].label: a.b',
    ':3:46: rules[0].starts: Invalid input',
    ':3:56: rules[0].match: a.b',
    ':3:68: rules[0].where: a.b',
    ':4:11: rules[1].id: a.b',
    ':4:54: rules[1].where: a.b',
    ':5:43: rules[2].match: c.d',
    ':5:60: rules[2].where: c.d',
    ':6:5: rules[3]: Invalid input',
  ]);
});

for (const [what, compile] of [
  ['RE2', nativeCompiler() ?? portableCompiler],
  ['its port', portableCompiler],
] as const) {
  test(`captures that are no group of the expression are told, with ${what}`, (t) => {
    const rule = (match: string, captures: string): string =>
      `pack: x\nrules:\n  - { id: a.b, label: host.system, match: '${match}', captures: [${captures}], examples: { match: [x] } }\n`;
    t.deepEqual(problemsOf(rule('^(?P<vol>x)(?<other>y)?', 'vol, other'), compile), []);
    t.regex(problemsOf(rule('^(?P<vol>x)', 'vol, nosuch'), compile).join(), /captures: a\.b: `match` has no group "nosuch"; it has vol$/);
    t.regex(problemsOf(rule('^\\(\\?P<vol>(x)', 'vol'), compile).join(), /has no group "vol"; it has none with a name$/);
  });
}

test('an example can state whatever `where` can ask for', (t) => {
  const rules = loadRules(
    [
      ruleFile(
        `pack: test\nrules:\n${[
          ['host', '[compute01, compute02]', '{ host: compute02 }'],
          ['pid', '7', '{ pid: 7 }'],
          ['function', 'spawn', '{ function: spawn }'],
          ['fields.zone', 'az1', '{ fields.zone: az1, fields.other: x }'],
          ['http.status', '"400-499"', '{ http.status: 404 }'],
          ['http.method', 'DELETE', '{ http.method: DELETE }'],
          ['http.path', '/v3', '{ http.path: /v3 }'],
          ['http.client_ip', '192.0.2.1', '{ http.client_ip: 192.0.2.1 }'],
          ['error.type', 'KeyError', '{ error.type: KeyError }'],
          ['error.message', 'no x', '{ error.message: no x }'],
        ]
          .map(
            ([field, asked, stated], i) =>
              `  - { id: a.r${i}, label: host.system, starts: x, where: { ${field}: ${asked} }, examples: { match: [{ message: x, where: ${stated} }], no_match: [x] } }\n`,
          )
          .join('')}`,
      ),
    ],
    taxonomy,
  );
  t.deepEqual(checkExamples(rules), { examples: 20, failures: [] });
});

test('the rules in the README come out as it says', (t) => {
  const text = readFileSync(join(PACKAGE_ROOT, 'models', 'rules', 'README.md'), 'utf8');
  const blocks = [...text.matchAll(/```yaml\n(.*?)```/gs)].map(([, yaml]) => yaml);
  t.deepEqual(checkExamples(loadRules([ruleFile(blocks.join(''))], taxonomy)), { examples: 3, failures: [] });
});

test('an example that states a field which no record has is a problem', (t) => {
  const problems = problemsOf(
    'pack: x\nrules: [{ id: a.b, label: host.system, starts: x, examples: { match: [{ message: x, where: { colour: red } }] } }]\n',
  );
  t.regex(
    problems.join(),
    /^:2:\d+: rules\[0\]\.examples\.match\[0\]\.where: wrong key "colour": no field of a record; known are http\.status/,
  );
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

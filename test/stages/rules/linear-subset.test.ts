import test from 'ava';
import fc from 'fast-check';
import { v8Linear } from '../../../src/stages/rules/linear-subset.js';
import { loadRules, packFile } from '../../../src/stages/rules/load.js';
import { nativeCompiler, portableCompiler } from '../../../src/stages/rules/pattern.js';
import { loadTaxonomy } from '../../../src/stages/taxonomy.js';

test('expressions with one unbounded repetition on every way, behind ^, are taken', (t) => {
  for (const source of ['^a', '^Took \\d+ s', '^.*(a|b)', '^(?:a\\w+|b\\S*)c?$', '^[^\\]]*x', '^(a|b\\d+)? z', '^\\(\\d{1,3}\\) /v2']) {
    t.not(v8Linear(source), null, source);
  }
});

test('all others are left to RE2', (t) => {
  const others = [
    'a',
    '^a|b',
    '^(a+)+$',
    '^(a*)*b',
    '^.*a.*b',
    '^\\d+\\.\\d+',
    '^(?i)a',
    '^(?P<x>a)',
    '^a(?=b)',
    '^(ab)*',
    '^a{2,}',
    '^\\pL',
    '^[[:alpha:]]',
    '^ü',
    '^a**',
    '^(a',
    '^a)',
    '^a?a?a?a?b',
    '^a{0,9}b{0,9}',
    '^[\\w-z]x',
    '^[a-\\d]',
  ];
  for (const source of others) t.is(v8Linear(source), null, source);
});

/** Expressions and texts over few characters, so that they meet. */
const atom = fc.constantFrom('a', 'b', ' ', '.', '\\d', '\\w', '\\S', '\\s', '[ab]', '[^a ]', '\\.', '(a|b)', '(?:ab|b.)', '\\b', '-');
const quantified = fc.tuple(atom, fc.constantFrom('', '', '', '?', '*', '+', '{2}')).map(([a, q]) => (a === '\\b' ? a : a + q));
const expression = fc.array(quantified, { minLength: 1, maxLength: 6 }).map((parts) => `^${parts.join('')}`);
const text = fc.string({ unit: fc.constantFrom('a', 'b', ' ', '.', '1', '-', '\n', '\u000b', '\u00a0', 'é', '😀'), maxLength: 12 });

test('where V8 is used it answers as RE2 does', (t) => {
  const re2 = nativeCompiler() ?? portableCompiler;
  let compared = 0;
  fc.assert(
    fc.property(expression, text, (source, message) => {
      const fast = v8Linear(source);
      if (fast === null) return true;
      compared++;
      return fast.test(message) === re2(source).test(message);
    }),
    { numRuns: 5000 },
  );
  t.true(compared > 500, `${compared}`);
});

test('the expressions of the openstack pack that V8 runs answer as RE2 does on every example', (t) => {
  const re2 = nativeCompiler() ?? portableCompiler;
  const rules = loadRules([packFile('openstack')], loadTaxonomy());
  const messages = rules.flatMap(({ rule }) =>
    rule.examples.match.map((example) => (typeof example === 'string' ? example : example.message)),
  );
  for (const { rule } of rules) {
    const fast = rule.match === undefined ? null : v8Linear(rule.match);
    if (rule.match === undefined || fast === null) continue;
    const slow = re2(rule.match);
    for (const message of messages) if (fast.test(message) !== slow.test(message)) t.fail(`${rule.match} on ${message}`);
  }
  t.pass();
});

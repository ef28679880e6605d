import test from 'ava';
import fc from 'fast-check';
import { CompiledRule } from '../../../src/stages/rules/compiled-rule.js';
import { RuleEngine } from '../../../src/stages/rules/engine.js';
import { linearCompiler, nativeCompiler, portableCompiler } from '../../../src/stages/rules/pattern.js';
import type { Rule } from '../../../src/stages/rules/schema.js';
import { record } from '../../record/sample.js';

type Conditions = Omit<Partial<Rule>, 'id' | 'examples'>;

function engine(...rules: Conditions[]): RuleEngine {
  return new RuleEngine(rules.map((rule, i) => compiled(rule, i)));
}

function compiled(conditions: Conditions, index: number): CompiledRule {
  const rule: Rule = { id: `rule.r${index}`, label: 'host.system', examples: { match: [''] }, ...conditions };
  return new CompiledRule(rule, index, linearCompiler());
}

function winner(rules: RuleEngine, message: string, fields: Parameters<typeof record>[1] = {}): string | undefined {
  return rules.match(record(message, fields))?.id;
}

test('the first rule of the pack wins, whichever index finds it', (t) => {
  const rules = engine({ contains: ['host'] }, { starts: ['No valid host'] }, { starts: ['No'] });
  t.is(winner(rules, 'No valid host was found'), 'rule.r0');
  t.is(winner(rules, 'No valid disk was found'), 'rule.r2');
  t.is(winner(rules, 'Yes'), undefined);
});

test('a logger is matched exactly, by prefix on whole words, and in both spellings of oslo', (t) => {
  const rules = engine({ starts: ['x'], logger: ['nova.virt.*'] }, { starts: ['x'], logger: ['oslo_messaging._drivers'] });
  t.is(winner(rules, 'x', { logger: 'nova.virt' }), 'rule.r0');
  t.is(winner(rules, 'x', { logger: 'nova.virt.libvirt.driver' }), 'rule.r0');
  t.is(winner(rules, 'x', { logger: 'nova.virtual' }), undefined);
  t.is(winner(rules, 'x', { logger: 'oslo.messaging._drivers' }), 'rule.r1');
});

test('literals must come in their order and not overlap', (t) => {
  const rules = engine({ starts: ['ab'], contains: ['bc', 'cd'] });
  t.is(winner(rules, 'ab bc cd'), 'rule.r0');
  t.is(winner(rules, 'abc cd'), undefined);
  t.is(winner(rules, 'ab bcd'), undefined);
  t.is(winner(rules, 'ab cd bc'), undefined);
});

test('level, program, format, fields and exception are conditions', (t) => {
  const access = { clientIp: '', method: 'GET', path: '/', version: '', bytes: 0, duration: 0, userAgent: '', referrer: '' };
  const rules = engine(
    { level: ['ERROR'], starts: ['x'] },
    { program: ['ceph-*'], contains: ['x'] },
    { format: ['ovs'] },
    { where: { 'http.status': '500-599' } },
    { where: { 'http.status': [401, 403] } },
    { error: ['*.NoValidHost'] },
  );
  t.is(winner(rules, 'x', { level: 'ERROR' }), 'rule.r0');
  t.is(winner(rules, 'x', { program: 'ceph-osd' }), 'rule.r1');
  t.is(winner(rules, 'y', { format: 'ovs' }), 'rule.r2');
  t.is(winner(rules, 'y', { http: { ...access, status: 503 } }), 'rule.r3');
  t.is(winner(rules, 'y', { http: { ...access, status: 403 } }), 'rule.r4');
  t.is(winner(rules, 'y', { http: { ...access, status: 404 } }), undefined);
  t.is(winner(rules, 'y', { error: { type: 'nova.exception.NoValidHost', message: '', stackTrace: '' } }), 'rule.r5');
  t.is(winner(rules, 'y'), undefined);
});

test('a rule keeps the groups that it names', (t) => {
  const rule = compiled({ starts: ['Took'], match: '^Took (?P<seconds>[0-9.]+) (?P<unit>\\w+)', captures: ['seconds'] }, 0);
  t.deepEqual(rule.captures('Took 1.25 seconds'), { seconds: '1.25' });
  t.is(rule.captures('Took long'), null);
});

/** Rules and messages over few words, so that they meet often. */
const words = fc
  .array(fc.constantFrom('fail', 'failed', 'to', 'host', 'no', 'x'), { minLength: 1, maxLength: 5 })
  .map((list) => list.join(' '));
const conditions = fc.oneof(
  fc.array(words, { minLength: 1, maxLength: 3 }).map((starts): Conditions => ({ starts })),
  fc.array(words, { minLength: 1, maxLength: 2 }).map((contains): Conditions => ({ contains })),
  words.map((text): Conditions => ({ match: text.replace('to', '\\w+'), hint: text.split('to')[0] || text })),
);

test('the indexes give the same winner as asking every rule in turn', (t) => {
  fc.assert(
    fc.property(fc.array(conditions, { minLength: 1, maxLength: 40 }), words, (list, message) => {
      const rules = list.map(compiled);
      const found = new RuleEngine(rules).match(record(message));
      const plain = rules.find((rule) =>
        (rule.starts.length === 0 ? [''] : rule.starts).some(
          (start) => message.startsWith(start) && rule.accepts(record(message), start.length),
        ),
      );
      return found?.id === plain?.id;
    }),
    { numRuns: 2000 },
  );
  t.pass();
});

test('both pattern engines refuse what is not linear', (t) => {
  for (const compile of [nativeCompiler(), portableCompiler]) {
    if (compile === null) continue;
    t.throws(() => compile('(a)\\1'), { instanceOf: SyntaxError });
    t.throws(() => compile('a(?=b)'), { instanceOf: SyntaxError });
  }
});

test('catastrophic expressions take linear time on hostile messages', (t) => {
  const hostile = `${'a'.repeat(100_000)}!`;
  for (const source of ['(a+)+$', '(a|a)*b$', '(a|aa)+$', '([a-z]+)*\\d', '(.*)*x$']) {
    const started = performance.now();
    t.is(winner(engine({ match: source, hint: 'a' }), hostile), undefined);
    // Backtracking would take longer than the age of the universe; the bound only ends the wait.
    t.true(performance.now() - started < 30_000);
  }
});

test('a word that recurs without end has its rules asked once', (t) => {
  const many = Array.from({ length: 100 }, (_, i) => ({ contains: [`the word number${i} is here`, 'nowhere'] }));
  const started = performance.now();
  t.is(winner(engine(...many), 'the word number7 is here '.repeat(40_000)), undefined);
  t.true(performance.now() - started < 30_000);
});

test('loggers made up by an attacker do not fill the memory', (t) => {
  const rules = engine({ logger: ['nova.*'], starts: ['x'] });
  for (let i = 0; i < 20_000; i++) winner(rules, 'x', { logger: `nova.made.up.${i}` });
  t.is(winner(rules, 'x', { logger: 'a.'.repeat(500_000) }), undefined);
});

import test from 'ava';
import fc from 'fast-check';
import { matchesGlob } from '../../src/record/glob.js';

for (const [glob, name, fits] of [
  ['api.request', 'api.request', true],
  ['api.request', 'api.requests', false],
  ['api.*', 'api.request', true],
  ['*.failure', 'instance.failure', true],
  ['*.failure', 'instance.failures', false],
  ['*a*b', 'xaxxbxb', true],
  ['*a*b', 'xaxxbx', false],
  ['?', '', false],
  ['?', 'x', true],
  ['**', '', true],
  ['', '', true],
  ['', 'x', false],
  ['a.c', 'abc', false],
  ['[ab]', 'a', false],
  ['nova-*', 'neutron-l3-agent.service', false],
  ['*-agent.service', 'neutron-l3-agent.service', true],
  ['nova-?pi.service', 'nova-api.service', true],
] as const)
  test(`${JSON.stringify(glob)} ${fits ? 'fits' : 'does not fit'} ${JSON.stringify(name)}`, (t) => {
    t.is(matchesGlob(glob, name), fits);
  });

test('it says what the expression of the same meaning says', (t) => {
  const letters = fc.string({ unit: fc.constantFrom('a', 'b', '*', '?'), maxLength: 8 });
  const names = fc.string({ unit: fc.constantFrom('a', 'b'), maxLength: 8 });
  fc.assert(
    fc.property(letters, names, (glob, name) => {
      const expression = new RegExp(`^${glob.replaceAll('*', '.*').replaceAll('?', '.')}$`);
      return matchesGlob(glob, name) === expression.test(name);
    }),
  );
  t.pass();
});

test('a glob that is made to be slow is answered all the same', (t) => {
  t.false(matchesGlob(`${'*a'.repeat(100)}b`, 'a'.repeat(10_000)));
});

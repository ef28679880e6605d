import test from 'ava';
import { checkExamples } from '../../../src/stages/rules/examples.js';
import { loadRules, packFile } from '../../../src/stages/rules/load.js';
import { nativeCompiler, portableCompiler } from '../../../src/stages/rules/pattern.js';
import { loadTaxonomy } from '../../../src/stages/taxonomy.js';

const taxonomy = loadTaxonomy();

for (const [name, compile] of [
  ['native', nativeCompiler()],
  ['portable', portableCompiler],
] as const) {
  test(`every example of the openstack pack comes out as its rule says, with the ${name} engine`, (t) => {
    if (compile === null) {
      t.log('the package re2 is not installed');
      t.pass();
      return;
    }
    const { failures } = checkExamples(loadRules([packFile('openstack')], taxonomy, compile));
    t.deepEqual(
      failures.map(({ rule, message }) => `${rule.line}: ${rule.rule.id}: ${message}`),
      [],
    );
  });
}

test('the openstack pack uses most labels of the taxonomy', (t) => {
  const used = new Set(loadRules([packFile('openstack')], taxonomy).map(({ rule }) => rule.label));
  t.true(used.size >= 35, `only ${used.size}`);
});

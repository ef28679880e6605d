import { readFileSync } from 'node:fs';
import test from 'ava';
import { packFile } from '../../../src/stages/rules/load.js';
import { preparedRules } from '../../../src/stages/rules/prepared.js';
import { rulePackSchema } from '../../../src/stages/rules/schema.js';
import { YamlFile } from '../../../src/yaml/document.js';

const FILE = packFile('openstack');
const TEXT = readFileSync(FILE, 'utf8');

test('what the build prepared is what the pack says', (t) => {
  t.deepEqual(preparedRules(FILE, TEXT), rulePackSchema.parse(new YamlFile(FILE, TEXT).value).rules);
});

test('a pack that was changed since, or is not of trilog, is not prepared', (t) => {
  t.is(preparedRules(FILE, `${TEXT}\n`), null);
  t.is(preparedRules('/somewhere/site.yaml', TEXT), null);
});

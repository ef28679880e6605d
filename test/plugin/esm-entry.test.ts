import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import test from 'ava';
import { esmEntry, exportedAs } from '../../src/plugin/esm-entry.js';

for (const [what, exports, subpath, expected] of [
  ['a file', './a.js', '.', './a.js'],
  ['a condition', { import: './a.js' }, '.', './a.js'],
  ['the first condition that holds', { require: './a.cjs', node: { import: './b.js' }, default: './c.js' }, '.', './b.js'],
  ['the next where a condition leads nowhere', { node: { require: './a.cjs' }, default: './c.js' }, '.', './c.js'],
  ['the first of several', { '.': [{ require: './a.cjs' }, './b.js'] }, '.', './b.js'],
  ['a subpath', { '.': './a.js', './part': { import: './part.js' } }, './part', './part.js'],
  ['a subpath that is not exported', { '.': './a.js' }, './part', null],
  ['for require only', { require: './a.cjs' }, '.', null],
  ['outside the package', '../a.js', '.', null],
  ['nothing', undefined, '.', null],
] as const) {
  test(`exports name ${what}`, (t) => t.is(exportedAs(exports, subpath), expected));
}

test('a package is found in the folders above, and what is none is not', (t) => {
  const folder = mkdtempSync(join(tmpdir(), 'trilog-esm-'));
  t.teardown(() => rmSync(folder, { recursive: true, force: true }));
  const root = join(folder, 'node_modules', '@site', 'plugins');
  mkdirSync(root, { recursive: true });
  mkdirSync(join(folder, 'below'));
  writeFileSync(join(root, 'package.json'), JSON.stringify({ exports: { './in': { import: './in.js' }, './out': './x/../../out.js' } }));
  t.is(esmEntry('@site/plugins/in', join(folder, 'below')), join(root, 'in.js'));
  t.is(esmEntry('@site/plugins/out', folder), null);
  t.is(esmEntry('@site/others', folder), null);
});

import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import test from 'ava';
import { TrilogError } from '../../src/errors.js';
import { builtInPlugins, findPlugin } from '../../src/plugin/registry.js';

const folder = mkdtempSync(join(tmpdir(), 'trilog-plugins-'));
test.after.always(() => rmSync(folder, { recursive: true, force: true }));

function plugin(name: string, source: string): string {
  writeFileSync(join(folder, name), source);
  return `./${name}`;
}

const WHOLE = `export const plugin = {
  kind: 'output', type: 'mine', summary: 'mine', config: { safeParse: (data) => ({ success: true, data }) }, create: () => ({}),
};`;

test('every component that comes with trilog is found by its own kind and type', async (t) => {
  const plugins = await builtInPlugins();
  t.true(plugins.length > 0);
  for (const plugin of plugins) t.is(await findPlugin(plugin.kind, plugin.type, folder), plugin, `${plugin.kind} ${plugin.type}`);
});

test('a plugin is found by path', async (t) => {
  t.is((await findPlugin('output', plugin('whole.mjs', WHOLE), folder)).type, 'mine');
});

for (const [what, entry] of [
  ['for import alone', { exports: { import: './plugin.js' } }],
  ['for both', { main: './plugin.js' }],
] as const) {
  test(`a plugin is found by the name of a package, ${what}`, async (t) => {
    const name = `trilog-${what.replaceAll(' ', '-')}`;
    const root = join(folder, 'node_modules', name);
    mkdirSync(root, { recursive: true });
    writeFileSync(join(root, 'package.json'), JSON.stringify({ name, type: 'module', ...entry }));
    writeFileSync(join(root, 'plugin.js'), WHOLE);
    t.is((await findPlugin('output', name, folder)).type, 'mine');
  });
}

for (const [title, source, code, message] of [
  ['a module without a plugin', 'export const other = 1;', 'PLUGIN_INVALID', /exports no `plugin`/],
  ['a plugin of the other kind', WHOLE.replace("'output'", "'input'"), 'PLUGIN_INVALID', /`plugin.kind` is "input", not "output"/],
  ['a plugin without a schema', WHOLE.replace(/config: .*\}\),? \}/, 'config: 1'), 'PLUGIN_INVALID', /must be/],
  ['a module that does not load', 'throw new Error("broken inside");', 'PLUGIN_NOT_FOUND', /broken inside/],
] as const) {
  test(`${title} is refused in words`, async (t) => {
    const error = await t.throwsAsync(findPlugin('output', plugin(`${title.replaceAll(' ', '-')}.mjs`, source), folder), {
      instanceOf: TrilogError,
    });
    t.is((error as TrilogError).code, code);
    t.regex((error as TrilogError).message, message);
  });
}

test('a type that is nothing is told with what there is and what to do', async (t) => {
  const all = await builtInPlugins();
  for (const kind of ['input', 'output'] as const) {
    const known = all.flatMap((plugin) => (plugin.kind === kind ? plugin.type : [])).join(', ');
    const error = await t.throwsAsync(findPlugin(kind, 'pigeon', folder), { instanceOf: TrilogError });
    t.deepEqual(
      [(error as TrilogError).code, error?.message],
      [
        'PLUGIN_NOT_FOUND',
        `there is no ${kind} "pigeon": neither built in (${known}) nor an installed package. Name a package that is installed beside the configuration, or the path of a module, such as ./my-${kind}.js`,
      ],
    );
  }
  await t.throwsAsync(findPlugin('input', './nothing.js', folder), { message: /could not be loaded/ });
});

import { mkdirSync, mkdtempSync, rmSync, symlinkSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import test, { type ExecutionContext } from 'ava';
import { isNeeded, productionPackages } from '../../../packaging/deb/modules.js';
import { PACKAGE_ROOT } from '../../../src/paths.js';

/** A folder with these packages, each with its manifest. */
function installed(t: ExecutionContext, manifests: Readonly<Record<string, unknown>>): string {
  const root = mkdtempSync(join(tmpdir(), 'trilog-modules-'));
  t.teardown(() => rmSync(root, { recursive: true, force: true }));
  for (const [folder, manifest] of Object.entries(manifests)) {
    const file = join(root, folder, 'package.json');
    mkdirSync(dirname(file), { recursive: true });
    writeFileSync(file, JSON.stringify(manifest));
  }
  return root;
}

test('packages are found as Node.js finds them, without those of the developers', (t) => {
  const root = installed(t, {
    '.': { dependencies: { a: '1', '@s/b': '1' }, devDependencies: { d: '1' } },
    'node_modules/a': { dependencies: { c: '2' } },
    'node_modules/a/node_modules/c': { dependencies: { '@s/b': '1' } },
    'node_modules/@s/b': { dependencies: { c: '1', a: '1' } },
    'node_modules/c': {},
    'node_modules/d': {},
  });
  t.deepEqual(productionPackages(root), ['node_modules/@s/b', 'node_modules/a', 'node_modules/a/node_modules/c', 'node_modules/c']);
});

test('what only an installation needs is left out, with what it draws in; optional ones may be missing', (t) => {
  const root = installed(t, {
    '.': { dependencies: { a: '1' }, optionalDependencies: { o: '1' } },
    'node_modules/a': {
      dependencies: { 'node-gyp': '1', x: '1' },
      optionalDependencies: { x: '1' },
      peerDependencies: { p: '1', q: '1' },
      peerDependenciesMeta: { q: { optional: true } },
    },
    'node_modules/node-gyp': { dependencies: { tar: '1' } },
    'node_modules/tar': {},
    'node_modules/p': {},
    'node_modules/q': {},
  });
  t.deepEqual(productionPackages(root), ['node_modules/a', 'node_modules/p']);
});

test('a dependency that is missing is an error', (t) => {
  const root = installed(t, { '.': { dependencies: { a: '1' } }, 'node_modules/a': { dependencies: { b: '1' } } });
  t.throws(() => productionPackages(root), { message: 'b, which node_modules/a needs, is not installed: run npm ci' });
});

test('node_modules may be a link', (t) => {
  const there = installed(t, { 'node_modules/a': {} });
  const root = installed(t, { '.': { dependencies: { a: '1' } } });
  symlinkSync(join(there, 'node_modules'), join(root, 'node_modules'));
  t.deepEqual(productionPackages(root), ['node_modules/a']);
});

test("trilog's own packages are all there", (t) => {
  const packages = productionPackages(PACKAGE_ROOT);
  for (const name of ['yaml', 'lmdb', 'onnxruntime-node', 'undici']) t.true(packages.includes(`node_modules/${name}`), name);
  for (const name of ['typescript', 'ava', 'node-gyp', 'global-agent']) t.false(packages.includes(`node_modules/${name}`), name);
});

const FILES: readonly (readonly [name: string, path: string, isNeeded: boolean])[] = [
  ['a', 'package.json', true],
  ['a', 'src/index.js', true],
  ['a', 'lib/docs/text.js', true],
  ['a', 'docs/text.js', false],
  ['a', 'test/index.js', false],
  ['a', 'index.d.ts', false],
  ['a', 'index.js.map', false],
  ['a', 'README.md', false],
  ['a', 'LICENSE.md', true],
  ['a', 'deps/b/LICENSE.lz4', true],
  ['a', 'api/license.d.ts', false],
  ['a', 'api/license.js', true],
  ['@lmdb/lmdb-linux-x64', 'node.abi115.glibc.node', true],
  ['@lmdb/lmdb-linux-x64', 'node.napi.musl.node', false],
  ['onnxruntime-node', 'bin/napi-v6/linux/x64/libonnxruntime.so.1', true],
  ['onnxruntime-node', 'bin/napi-v6/linux/arm64/libonnxruntime.so.1', false],
  ['onnxruntime-node', 'bin/napi-v6/win32/x64/onnxruntime.dll', false],
  ['onnxruntime-node', 'script/install.js', false],
  ['re2', 'build/Release/re2.node', true],
  ['re2', 'build/Release/obj.target/re2.node', false],
  ['re2', 'vendor/re2/LICENSE', true],
  ['node-rdkafka', 'build/deps/librdkafka.so.1', true],
  ['node-rdkafka', 'build/deps/librdkafka.a', false],
  ['node-rdkafka', 'deps/librdkafka/packaging/nuget/msvcr140.zip', false],
];

for (const [name, path, expected] of FILES)
  test(`${name}/${path} is ${expected ? '' : 'not '}needed where trilog runs`, (t) => t.is(isNeeded(name, path, 'x64'), expected));

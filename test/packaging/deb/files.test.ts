import { spawnSync } from 'node:child_process';
import { readdirSync } from 'node:fs';
import { join } from 'node:path';
import test from 'ava';
import { control, debianVersion } from '../../../packaging/deb/control.js';
import { PACKAGE_ROOT } from '../../../src/paths.js';
import { trilog } from '../../commands/trilog.js';

const DEB = join(PACKAGE_ROOT, 'packaging', 'deb');

test('the configuration that comes with the package passes trilog check', (t) => {
  const { status, err } = trilog(['check', '-c', join(DEB, 'files', 'trilog.yaml')]);
  t.is(status, 0, err);
});

for (const script of [...readdirSync(join(DEB, 'scripts')).map((name) => `scripts/${name}`), 'files/trilog'])
  test(`${script} is a shell script without mistakes of grammar`, (t) => {
    const { status, stderr } = spawnSync('sh', ['-n', join(DEB, script)], { encoding: 'utf8' });
    t.is(status, 0, stderr);
  });

test('a pre-release comes before the release', (t) => {
  t.is(debianVersion('1.0.0-rc.1'), '1.0.0~rc.1');
  t.is(debianVersion('1.0.0'), '1.0.0');
});

const facts = { version: '1.0.0', architecture: 'amd64', installedKiB: 1, libraries: 'libc6' };
for (const [node, depends] of [
  ['20.20.2', 'nodejs (>= 20.19), nodejs (<< 21~), adduser, libc6'],
  ['22.1.0', 'nodejs (>= 22), nodejs (<< 23~), adduser, libc6'],
] as const)
  test(`made with Node.js ${node} the package needs one with the same binary interface`, (t) => {
    t.true(control({ ...facts, node }).includes(`\nDepends: ${depends}\n`));
  });

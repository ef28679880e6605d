import { execFileSync, spawnSync } from 'node:child_process';
import { appendFileSync, copyFileSync, existsSync, mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import test from 'ava';
import { type BuiltPackage, buildPackage } from '../../../packaging/deb/package.js';
import { PACKAGE_ROOT } from '../../../src/paths.js';
import { cannotBoot, SystemdMachine } from '../systemd/machine.js';
import { nodePackage, withVersion } from './archives.js';
import { bareRoot } from './bare-root.js';

const BOOT = join(PACKAGE_ROOT, 'test', 'services', 'package', 'boot-bare.sh');
const [unbuilt, unbooted] = [cannotBuild(), cannotBuild() ?? cannotBoot()];
const packaged = unbuilt === null ? test.serial : test.serial.skip;
const booted = unbooted === null ? test.serial : test.serial.skip;
const notTried = (reason: string | null): string => (reason === null ? '' : ` (NOT TRIED: ${reason})`);

function cannotBuild(): string | null {
  const isThere = ['dpkg-deb', 'dpkg-shlibdeps', 'strip'].every((program) => spawnSync(program, ['--version']).status === 0);
  return isThere ? null : 'it needs dpkg-dev and binutils';
}

const folder = mkdtempSync(join(tmpdir(), 'trilog-package-'));
let built: BuiltPackage;
const ask = (...args: readonly string[]): string => execFileSync('dpkg-deb', args, { encoding: 'utf8', maxBuffer: 1 << 24 });

test.before(async () => {
  if (unbuilt === null) built = await buildPackage(folder);
});
test.after.always(() => rmSync(folder, { recursive: true, force: true }));

packaged(`it says what it needs, and holds what runs and nothing else${notTried(unbuilt)}`, (t) => {
  const [major = ''] = process.versions.node.split('.');
  t.regex(ask('--field', built.file, 'Depends'), new RegExp(`nodejs \\(<< ${Number(major) + 1}~\\), adduser, .*libc6 \\(>= `));
  const listed = ask('--contents', built.file).trimEnd().split('\n');
  const files = listed.map((line) => line.split(/\s+/)[5] ?? '');
  for (const file of [
    '/etc/trilog/trilog.yaml',
    '/usr/bin/trilog',
    '/usr/lib/systemd/system/trilog@.service',
    '/usr/share/man/man8/trilog.8.gz',
  ])
    t.true(files.includes(`.${file}`), file);
  t.deepEqual(
    listed.filter((line) => !/^[-dl]\S+ root\/root /.test(line)),
    [],
  );
  t.deepEqual(
    files.filter((file) => /\/(typescript|ava|node-gyp|nan)\/|\.(ts|map|o|dll|dylib)$|\/test\/|darwin|win32/.test(file)),
    [],
  );
  t.deepEqual(built.without, []);
  t.log(`${(built.bytes / 1e6).toFixed(1)} MB, installed ${((built.installedKiB * 1024) / 1e6).toFixed(1)} MB`);
});

interface Written {
  readonly event: { readonly id: string };
  readonly trilog: { readonly label: string };
}

booted(`on a bare Debian: installed, started, upgraded, removed, purged, and nothing of it is left${notTried(unbooted)}`, async (t) => {
  const machine = await SystemdMachine.boot(BOOT, [await bareRoot()]);
  t.teardown(() => machine.shutDown());
  const dpkg = (...args: readonly string[]): Promise<string> => machine.run('dpkg', ...args);
  const everything = async (): Promise<string[]> =>
    (await machine.run('find', '/', '-xdev', '-path', '/tmp', '-prune', '-o', '-print')).split('\n');
  const bring = (file: string, name: string): void => copyFileSync(file, machine.path(`/tmp/${name}`));
  bring(built.file, 'trilog.deb');
  bring(withVersion(built.file, '99.0.0', join(folder, 'upgrade.deb')), 'upgrade.deb');
  bring(nodePackage(ask('--field', built.file, 'Architecture').trim(), join(folder, 'node.deb')), 'node.deb');

  const log = '/var/log/nova/nova-compute.log';
  mkdirSync(machine.path('/var/log/nova'));
  writeFileSync(machine.path(log), '');
  let next = 0;
  const say = (): void =>
    appendFileSync(
      machine.path(log),
      `2026-03-02 10:11:12.123 7 ERROR nova.compute.manager [-] [instance: 00000000-0000-4000-8000-${String(next++).padStart(12, '0')}] Instance failed to spawn\n`,
    );
  /** Resolves when so many different records are in the file, with them. */
  const arrived = async (records: number): Promise<readonly Written[]> => {
    for (;;) {
      const file = machine.path('/var/log/trilog/records.ndjson');
      const lines = existsSync(file) ? readFileSync(file, 'utf8').split('\n').slice(0, -1) : [];
      const found = new Map(lines.map((line): Written => JSON.parse(line)).map((record) => [record.event.id, record]));
      if (found.size >= records) return [...found.values()];
      await new Promise((resolve) => setImmediate(resolve));
    }
  };

  await t.throwsAsync(dpkg('--install', '/tmp/trilog.deb'), { message: /trilog depends on nodejs/ });
  await dpkg('--purge', 'trilog');
  await dpkg('--install', '/tmp/node.deb');
  const before = await everything();

  const begin = performance.now();
  await dpkg('--install', '/tmp/trilog.deb');
  t.log(`installed in ${((performance.now() - begin) / 1000).toFixed(1)} s`);
  t.is(await dpkg('--verify', 'trilog'), '');
  for (const name of ['lmdb', 'node-rdkafka', 'onnxruntime-node', 're2'])
    await t.notThrowsAsync(machine.run('node', '-e', `require('/usr/lib/trilog/node_modules/${name}')`), `${name} finds its libraries`);
  t.regex(await machine.run('trilog', 'check', '-c', '/etc/trilog/trilog.yaml'), /: ok/);
  t.is(await machine.run('stat', '--format', '%U:%G %a', '/var/lib/trilog'), 'trilog:trilog 750');
  t.is(await machine.property('trilog', 'ActiveState'), 'inactive', 'it is started when it is configured');

  // As the operator wants it.
  const configuration = machine.path('/etc/trilog/trilog.yaml');
  writeFileSync(configuration, readFileSync(configuration, 'utf8').replace('read_from: end', 'read_from: beginning'));
  await machine.systemctl('enable', '--now', 'trilog');
  say();
  const [first] = await arrived(1);
  t.is(first?.trilog.label, 'instance.failure');
  t.is(await machine.run('stat', '--format', '%U', `/proc/${await machine.property('trilog', 'MainPID')}`), 'trilog');

  // The configuration stays as it was changed, the agent is another, and no record is missing.
  const old = await machine.property('trilog', 'MainPID');
  for (let i = 0; i < 100; i++) say();
  await dpkg('--install', '/tmp/upgrade.deb');
  t.regex(await dpkg('--status', 'trilog'), /^Status: install ok installed\n[\s\S]*^Version: 99\.0\.0$/m);
  t.regex(readFileSync(configuration, 'utf8'), /read_from: beginning/);
  t.is(await machine.property('trilog', 'ActiveState'), 'active');
  t.not(await machine.property('trilog', 'MainPID'), old);
  say();
  t.is((await arrived(next)).length, next);

  await dpkg('--remove', 'trilog');
  t.is(await machine.property('trilog', 'ActiveState'), 'inactive');
  t.false(existsSync(machine.path('/usr/lib/trilog')));
  for (const kept of ['/etc/trilog/trilog.yaml', '/var/lib/trilog', '/var/log/trilog/records.ndjson'])
    t.true(existsSync(machine.path(kept)), kept);

  await dpkg('--purge', 'trilog');
  const known = new Set(before);
  const isDebians = (file: string): boolean =>
    /^\/var\/lib\/dpkg\/|^\/var\/log\/|^\/etc\/(passwd|group|shadow|gshadow|subuid|subgid)-$/.test(file);
  t.deepEqual(
    (await everything()).filter((file) => !known.has(file) && !(isDebians(file) && !file.includes('trilog'))),
    [],
  );
  const named = await machine.run(
    'sh',
    '-c',
    "grep --recursive --files-with-matches trilog /etc /var/lib --exclude='*-' --exclude='*-old' || true",
  );
  t.is(named, '');
});

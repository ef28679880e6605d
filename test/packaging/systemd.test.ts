import { spawnSync } from 'node:child_process';
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import test, { type ExecutionContext } from 'ava';
import { PACKAGE_ROOT } from '../../src/paths.js';

const EXPOSURE = 2.0;
const UNITS = [
  ['trilog.service', 'trilog.service'],
  ['trilog@.service', 'trilog@nova.service'],
] as const;

/** Without it nobody can judge a unit; the title of the test then says that it was not tried. */
const isThere = spawnSync('systemd-analyze', ['--version']).status === 0;
const analysed = isThere ? test : test.skip;
const where = isThere ? '' : ' (NOT TRIED: there is no systemd-analyze; install the package systemd)';

/** The unit under its instance's name, as it would be where trilog is installed. */
function unit(t: ExecutionContext, file: string, name: string): string {
  const folder = mkdtempSync(join(tmpdir(), 'trilog-unit-'));
  t.teardown(() => rmSync(folder, { recursive: true, force: true }));
  const path = join(folder, name);
  // systemd-analyze looks for the program; here stands another one.
  writeFileSync(
    path,
    readFileSync(join(PACKAGE_ROOT, 'packaging', 'systemd', file), 'utf8').replaceAll('/usr/bin/trilog', process.execPath),
  );
  return path;
}

for (const [file, name] of UNITS) {
  analysed(`systemd-analyze finds nothing wrong with ${file}${where}`, (t) => {
    const { status, stdout, stderr } = spawnSync('systemd-analyze', ['verify', '--man=no', unit(t, file, name)], { encoding: 'utf8' });
    t.is(`${stdout}${stderr}`, '');
    t.is(status, 0);
  });

  analysed(`systemd-analyze gives ${file} an exposure below ${EXPOSURE}${where}`, (t) => {
    const path = unit(t, file, name);
    const { stdout } = spawnSync('systemd-analyze', ['security', '--offline=true', '--no-pager', path], { encoding: 'utf8' });
    const exposure = Number(/exposure level for \S+: (\d+\.\d+)/.exec(stdout)?.[1]);
    t.true(exposure < EXPOSURE, stdout);
  });
}

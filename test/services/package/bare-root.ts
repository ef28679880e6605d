import { execFile } from 'node:child_process';
import { existsSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { cached } from '../cache.js';
import { debianPackage } from '../debian-packages.js';

const run = promisify(execFile);
/** Some eighty megabytes over a slow line. */
const FETCH_MS = 600_000;
const SOURCES = '/etc/apt/sources.list.d/debian.sources';

/** The least of a Debian that boots, and what apt would fetch for the package besides: all that it depends on but Node.js. */
const PACKAGES = ['systemd', 'adduser', 'libssl3', 'libstdc++6', 'zlib1g'];

/**
 * An archive of a bare Debian, of the release that runs here; fetched from the mirror that apt uses the first time.
 * @throws with what is missing, where this is no Debian, or there is no mirror.
 */
export async function bareRoot(): Promise<string> {
  const release = /^VERSION_CODENAME=(\w+)$/m.exec(readFileSync('/etc/os-release', 'utf8'))?.[1];
  if (release === undefined) throw new Error('a release of Debian is needed');
  const folder = await cached(`debian-root-${release}-${PACKAGES.join('+')}`, async (fetched) => {
    const program = join(await debianPackage('mmdebstrap'), 'usr', 'bin', 'mmdebstrap');
    const sources = existsSync(SOURCES) ? [SOURCES] : [];
    const args = ['--mode=root', '--variant=minbase', `--include=${PACKAGES.join(',')}`, release, join(fetched, 'root.tar'), ...sources];
    await run(program, args, { timeout: FETCH_MS });
  });
  return join(folder, 'root.tar');
}

import { execFile } from 'node:child_process';
import { readdirSync, rmSync } from 'node:fs';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { cached } from './cache.js';

const run = promisify(execFile);
/** Some tens of megabytes over a slow line. */
const FETCH_MS = 600_000;
/** apt's own user may not write where a test does. */
const SANDBOX = 'APT::Sandbox::User=root';

/**
 * The folder in which a Debian package lies unpacked, in the version that apt offers here; fetched by apt-get the first time. Nothing is installed.
 * A machine whose lists of packages are absent or out of date has them fetched.
 * @param withWhatItNeeds packages that it depends on, and that are not installed here, lie there too
 * @throws with what is missing, where there is no apt-get, or the package cannot be had.
 */
export async function debianPackage(name: string, withWhatItNeeds = false): Promise<string> {
  try {
    return await fetched(name, withWhatItNeeds).catch(async () => {
      await run('apt-get', ['update', '-o', SANDBOX], { timeout: FETCH_MS });
      return await fetched(name, withWhatItNeeds);
    });
  } catch (cause) {
    throw new Error(`apt-get of Debian is needed for ${name}: ${cause instanceof Error ? cause.message : String(cause)}`, { cause });
  }
}

async function fetched(name: string, withWhatItNeeds: boolean): Promise<string> {
  const { stdout } = await run('apt-cache', ['show', '--no-all-versions', name]);
  const version = /^Version: (.+)$/m.exec(stdout)?.[1] ?? '';
  return await cached(`debian-${name}-${version.replaceAll(/[^\w.+~-]/g, '_')}`, async (folder) => {
    const wanted = withWhatItNeeds ? await missingFor(name) : [name];
    await run('apt-get', ['download', '-o', SANDBOX, ...wanted], { cwd: folder, timeout: FETCH_MS });
    for (const archive of readdirSync(folder).filter((file) => file.endsWith('.deb'))) {
      await run('dpkg-deb', ['--extract', join(folder, archive), folder], { timeout: FETCH_MS });
      rmSync(join(folder, archive));
    }
  });
}

/** What apt-get would install for it, itself included. */
async function missingFor(name: string): Promise<string[]> {
  const { stdout } = await run('apt-get', ['install', '--simulate', '--no-install-recommends', name]);
  const missing = [...stdout.matchAll(/^Inst (\S+)/gm)].map(([, one = '']) => one);
  return missing.length === 0 ? [name] : missing;
}

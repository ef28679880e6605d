import { execFile } from 'node:child_process';
import { writeFileSync } from 'node:fs';
import { createRequire } from 'node:module';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { cached } from './cache.js';

const run = promisify(execFile);
const INSTALL_MS = 300_000;

/** What requires a package of npm in exactly one version, which is fetched the first time. @throws where npm or the package cannot be had */
export async function requireOf(name: string, version: string): Promise<NodeJS.Require> {
  const folder = await cached(`${name.replace('/', '-')}-${version}`, async (into) => {
    writeFileSync(join(into, 'package.json'), '{"private":true}');
    const options = ['--ignore-scripts', '--no-audit', '--no-fund', '--no-save', '--prefix', into];
    await run('npm', ['install', ...options, `${name}@${version}`], { timeout: INSTALL_MS });
  });
  return createRequire(join(folder, 'package.json'));
}

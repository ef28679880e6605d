import { execFile } from 'node:child_process';
import { readdirSync } from 'node:fs';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { cached } from '../cache.js';

const run = promisify(execFile);
const FETCH_MS = 600_000;

/** The folder of a package of npm in exactly this version, without what it depends on; fetched the first time. @throws where it cannot be had. */
export async function npmPackage(name: string, version: string): Promise<string> {
  const folder = await cached(`npm-${name}-${version}`, async (into) => {
    await run('npm', ['pack', '--silent', '--ignore-scripts', `${name}@${version}`], { cwd: into, timeout: FETCH_MS });
    const [archive = ''] = readdirSync(into);
    await run('tar', ['-xzf', archive], { cwd: into });
  });
  return join(folder, 'package');
}

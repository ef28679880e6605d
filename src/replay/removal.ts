import { rm } from 'node:fs/promises';
import { dirname } from 'node:path';
import { TrilogError } from '../errors.js';
import { DataDir } from '../pipeline/data-dir.js';
import { syncFolder } from '../pipeline/folder-sync.js';
import { isUnchanged, type LetterFile } from './letter-files.js';

/** A file, and whether all that was in it has been brought to its output. */
export interface Emptied {
  readonly file: LetterFile;
  readonly done: boolean;
}

/**
 * Removes the files of a `data_dir` all of whose letters are done. The one to which an agent adds goes only while this process holds the
 * `data_dir`. @param held whether it does so already. Returns the paths that are gone.
 */
export async function removeDone(files: readonly Emptied[], dataDir: string, held: boolean): Promise<Set<string>> {
  const removed = new Set<string>();
  for (const { file, done } of files) {
    if (!done || file.kind === 'named') continue;
    const gone = file.kind === 'active' && !held ? await whileHeld(dataDir, () => remove(file)) : await remove(file);
    if (gone) removed.add(file.path);
  }
  return removed;
}

async function remove(file: LetterFile): Promise<boolean> {
  if (!(await isUnchanged(file))) return false;
  await rm(file.path, { force: true });
  await syncFolder(dirname(file.path));
  return true;
}

async function whileHeld(path: string, act: () => Promise<boolean>): Promise<boolean> {
  let dataDir: DataDir;
  try {
    dataDir = await DataDir.take(path);
  } catch (error) {
    if (error instanceof TrilogError && error.code === 'DATA_DIR_IN_USE') return false;
    throw error;
  }
  try {
    return await act();
  } finally {
    await dataDir.release();
  }
}

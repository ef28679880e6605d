import { randomUUID } from 'node:crypto';
import { link, mkdir, open, readFile, rm } from 'node:fs/promises';
import { join } from 'node:path';
import { TrilogError } from '../errors.js';

/** The folder in which an agent remembers, held by one agent at a time. */
export class DataDir {
  private constructor(
    readonly path: string,
    readonly lockFile: string,
  ) {}

  /**
   * Makes the folder where it is missing and takes it.
   * @throws TrilogError `DATA_DIR_IN_USE` while another living process has it, `DATA_DIR_UNUSABLE` where it cannot be written.
   */
  static async take(path: string): Promise<DataDir> {
    const lockFile = join(path, 'agent.pid');
    try {
      await mkdir(path, { recursive: true, mode: 0o750 });
      await refuseIfHeld(path, lockFile);
      const temporary = `${lockFile}.${process.pid}.${randomUUID()}`;
      const handle = await open(temporary, 'w', 0o640);
      await handle.writeFile(`${process.pid} ${await startTime(process.pid)}\n`);
      await handle.close();
      // Of two that start together one links first; what a dead process left is taken away before.
      await link(temporary, lockFile)
        .catch(async (error: NodeJS.ErrnoException) => {
          if (error.code !== 'EEXIST') throw error;
          await refuseIfHeld(path, lockFile);
          await rm(lockFile, { force: true });
          await link(temporary, lockFile);
        })
        .finally(() => rm(temporary, { force: true }));
    } catch (error) {
      if (error instanceof TrilogError) throw error;
      throw new TrilogError('DATA_DIR_UNUSABLE', `${path}: ${error instanceof Error ? error.message : String(error)}`, { cause: error });
    }
    return new DataDir(path, lockFile);
  }

  /** A folder of a component's own; made where it is missing. */
  async folder(...names: string[]): Promise<string> {
    const path = join(this.path, ...names);
    await mkdir(path, { recursive: true, mode: 0o750 });
    return path;
  }

  async release(): Promise<void> {
    await rm(this.lockFile, { force: true });
  }
}

async function refuseIfHeld(path: string, lockFile: string): Promise<void> {
  const holder = await livingHolder(lockFile);
  if (holder !== null) throw new TrilogError('DATA_DIR_IN_USE', `${path} is used by process ${holder}`);
}

/** The process that the lock file names, if it still is the same one: process ids are used again, start times with them are not. */
async function livingHolder(lockFile: string): Promise<number | null> {
  let text: string;
  try {
    text = await readFile(lockFile, 'utf8');
  } catch {
    return null;
  }
  const [pid, started] = text.trim().split(' ');
  const id = Number(pid);
  if (!Number.isInteger(id) || id <= 0) return null;
  return (await startTime(id)) === started ? id : null;
}

/** Start time of a process in clock ticks since boot (proc(5), field 22 of `stat`); empty where there is no such process. */
async function startTime(pid: number): Promise<string> {
  try {
    const stat = await readFile(`/proc/${pid}/stat`, 'latin1');
    return stat.slice(stat.lastIndexOf(')') + 2).split(' ')[19] ?? '';
  } catch {
    return '';
  }
}

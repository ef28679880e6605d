import { randomUUID } from 'node:crypto';
import { link, open, readFile, rm } from 'node:fs/promises';

/** A file that says which process does something that only one may do at a time. What a dead process left counts for nothing. */
export class ProcessLock {
  private constructor(readonly file: string) {}

  /** Takes the lock. @param refusal makes the error of which this process id is the reason. @throws it while another living process has the lock. */
  static async take(file: string, refusal: (holder: number) => Error): Promise<ProcessLock> {
    await refuseIfHeld(file, refusal);
    const temporary = `${file}.${process.pid}.${randomUUID()}`;
    const handle = await open(temporary, 'w', 0o640);
    await handle.writeFile(`${process.pid} ${await startTime(process.pid)}\n`);
    await handle.close();
    // Of two that start together one links first; what a dead process left is taken away before.
    await link(temporary, file)
      .catch(async (error: NodeJS.ErrnoException) => {
        if (error.code !== 'EEXIST') throw error;
        await refuseIfHeld(file, refusal);
        await rm(file, { force: true });
        await link(temporary, file);
      })
      .finally(() => rm(temporary, { force: true }));
    return new ProcessLock(file);
  }

  async release(): Promise<void> {
    await rm(this.file, { force: true });
  }
}

async function refuseIfHeld(file: string, refusal: (holder: number) => Error): Promise<void> {
  const holder = await livingHolder(file);
  if (holder !== null) throw refusal(holder);
}

/** The process that the lock file names, if it still is the same one: process ids are used again, start times with them are not. */
async function livingHolder(file: string): Promise<number | null> {
  let text: string;
  try {
    text = await readFile(file, 'utf8');
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

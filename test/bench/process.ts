import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import { readFileSync } from 'node:fs';

/** What a process took from its start to its end. */
export interface Measured {
  readonly seconds: number;
  readonly cpuSeconds: number;
  /** Largest resident memory, in MB. */
  readonly peakMb: number;
}

const TICKS_PER_SECOND = 100;

/** Follows a process's own account of its memory and time (proc(5)) until it ends or `done` says so; then it is ended. */
export async function measure(
  command: readonly string[],
  cores: string,
  done?: () => boolean | Promise<boolean>,
  stdout: 'ignore' | 'inherit' = 'ignore',
): Promise<Measured> {
  const started = performance.now();
  const child = spawn('taskset', ['-c', cores, ...command], { stdio: ['ignore', stdout, 'inherit'] });
  let ended = false;
  const exit = once(child, 'exit').then(() => {
    ended = true;
  });
  let peakMb = 0;
  let cpuSeconds = 0;
  let seconds = 0;
  try {
    for (;;) {
      const account = readAccount(child);
      if (account !== null) ({ peakMb, cpuSeconds } = account);
      seconds = (performance.now() - started) / 1000;
      if (ended || (done !== undefined && (await done()))) break;
      await Promise.race([exit, new Promise((resolve) => setTimeout(resolve, 20))]);
    }
  } finally {
    child.kill('SIGTERM');
    await exit;
  }
  if (done === undefined && child.exitCode !== 0) throw new Error(`${command.join(' ')} ended with ${child.exitCode}`);
  return { seconds, cpuSeconds, peakMb };
}

function readAccount({ pid = 0 }: ChildProcess): Pick<Measured, 'peakMb' | 'cpuSeconds'> | null {
  try {
    const status = readFileSync(`/proc/${pid}/status`, 'latin1');
    const cpuSeconds = cpuSecondsOf(pid);
    const kb = Number(/VmHWM:\s+(\d+)/.exec(status)?.[1]);
    return cpuSeconds === null || !Number.isFinite(kb) ? null : { peakMb: kb / 1024, cpuSeconds };
  } catch {
    return null;
  }
}

/** What a process has taken of the processor since its start; null where it has ended. */
export function cpuSecondsOf(pid: number): number | null {
  try {
    const stat = readFileSync(`/proc/${pid}/stat`, 'latin1');
    const fields = stat.slice(stat.lastIndexOf(')') + 2).split(' ');
    return (Number(fields[11]) + Number(fields[12])) / TICKS_PER_SECOND;
  } catch {
    return null;
  }
}

/** Resident memory of a process in MB, of which pages of files may be a part; null where it has ended. */
export function residentMb(pid: number): number | null {
  try {
    const kb = Number(/VmRSS:\s+(\d+)/.exec(readFileSync(`/proc/${pid}/status`, 'latin1'))?.[1]);
    return Number.isFinite(kb) ? kb / 1024 : null;
  } catch {
    return null;
  }
}

export function median(values: readonly number[]): number {
  const sorted = [...values].sort((a, b) => a - b);
  return sorted[Math.floor(sorted.length / 2)] ?? Number.NaN;
}

/** Rows as text in columns, the first row as the head; numbers to the right. */
export function table(rows: readonly (readonly string[])[]): string {
  const widths = (rows[0] ?? []).map((_, column) => Math.max(...rows.map((row) => row[column]?.length ?? 0)));
  const line = (row: readonly string[]): string =>
    `| ${row.map((cell, i) => (/^[\d.,]+/.test(cell) && i > 0 ? cell.padStart(widths[i] ?? 0) : cell.padEnd(widths[i] ?? 0))).join(' | ')} |`;
  const [head, ...body] = rows.map(line);
  return [head, `|${widths.map((width) => '-'.repeat(width + 2)).join('|')}|`, ...body].join('\n');
}

import { readdir, stat } from 'node:fs/promises';
import { join } from 'node:path';

/** The file to which dead letters are added. */
export const ACTIVE_NAME = 'dead-letters.ndjson';
/** Which dead letters `trilog replay` has brought to their output. */
export const REPLAYED_NAME = 'dead-letters.replayed';

/** Ten digits: the file input takes that for the suffix of a rotated file, and so leaves alone all that belongs to {@link ACTIVE_NAME}. */
const LEAST_NUMBER = 1_000_000_000;
/** A clock that is ahead of it is wrong; there is room for as many files as one likes up to the three thousand millions. */
const LATEST_TIME = 2_900_000_000;
const ROTATED = /^dead-letters\.ndjson\.([12]\d{9})$/;

export interface RotatedFile {
  readonly path: string;
  readonly number: number;
  readonly bytes: number;
}

/** The number of a rotated file; null for other names. */
export function rotatedNumber(name: string): number | null {
  const digits = ROTATED.exec(name)?.[1];
  return digits === undefined ? null : Number(digits);
}

/**
 * The number for the next rotated file: the time in seconds since the epoch, and greater than every number there is. A counter would give the
 * name of a removed file to another one, while somebody may still act on that name.
 */
export function nextNumber(now: number, numbers: readonly number[]): number {
  return Math.max(LEAST_NUMBER, Math.min(LATEST_TIME, Math.floor(now / 1000)), ...numbers.map((number) => number + 1));
}

export function rotatedPath(folder: string, number: number): string {
  return join(folder, `${ACTIVE_NAME}.${number}`);
}

/** The rotated files of a folder, oldest first; none where there is no such folder. */
export async function rotatedFiles(folder: string): Promise<RotatedFile[]> {
  const names = await readdir(folder).catch((error: NodeJS.ErrnoException) => {
    if (error.code === 'ENOENT') return [];
    throw error;
  });
  const found: RotatedFile[] = [];
  for (const name of names) {
    const number = rotatedNumber(name);
    if (number === null) continue;
    const path = join(folder, name);
    // `trilog replay --remove` may have taken it away meanwhile.
    const status = await stat(path).catch(() => null);
    if (status?.isFile() === true) found.push({ path, number, bytes: status.size });
  }
  return found.sort((a, b) => a.number - b.number);
}

/** Sizes in bytes. */
export interface DeadLetterLimits {
  /** Of all files together. */
  readonly maxBytes: number;
  /** Of the active file; it is put aside before it would become larger. */
  readonly rotateBytes: number;
}

/**
 * Where so many more bytes go, with so many in the active file and in the rotated ones. What is larger than a limit by itself is taken where
 * nothing else is: it would never fit better.
 */
export function placement(
  { active, rotated }: { readonly active: number; readonly rotated: number },
  incoming: number,
  { maxBytes, rotateBytes }: DeadLetterLimits,
): 'append' | 'rotate' | 'full' {
  if (active + rotated > 0 && active + rotated + incoming > maxBytes) return 'full';
  return active > 0 && active + incoming > rotateBytes ? 'rotate' : 'append';
}

import {
  accessSync,
  closeSync,
  constants,
  existsSync,
  mkdirSync,
  openSync,
  readFileSync,
  readSync,
  renameSync,
  rmSync,
  statSync,
  writeFileSync,
} from 'node:fs';
import { join } from 'node:path';

/** Of LMDB's data files: `MDB_MAGIC` in lmdb.c. */
const LMDB_MAGIC = 0xbeefc0de;
/** A page begins with so many bytes of its own; the LMDB of the npm package has 8 more than the original. */
const PAGE_HEADER = 24;
/** Where a meta page has the size of pages and the number of the last page in use: `MDB_meta` in lmdb.c. */
const PAGE_SIZE = PAGE_HEADER + 24;
const LAST_PAGE = PAGE_HEADER + 120;
/** Pages that were taken and given back in one transaction may never have been written. */
const UNWRITTEN_PAGES = 16;
const DATA_FILE = 'data.mdb';
const LOCK_FILE = 'lock.mdb';
const OPENING = 'opening';
/** So often may a process die while it opens the store before that is blamed on the store. */
const MAX_DEATHS = 2;

/**
 * Why a folder holds no store that may be opened; null where it does, or holds nothing. LMDB maps the file into memory and trusts it, so that a
 * damaged one can end the process; so does a file of its own that it cannot open.
 * @throws where a file may not be read and written.
 */
export function unfit(folder: string): string | null {
  for (const name of [DATA_FILE, LOCK_FILE]) {
    const file = join(folder, name);
    if (!existsSync(file)) continue;
    if (!statSync(file).isFile()) return `its ${name} is no file`;
    accessSync(file, constants.R_OK | constants.W_OK);
  }
  const path = join(folder, DATA_FILE);
  if (!existsSync(path)) return null;
  const size = statSync(path).size;
  if (size === 0) return null;
  const page = Buffer.alloc(LAST_PAGE + 8);
  const file = openSync(path, 'r');
  try {
    if (readSync(file, page, 0, page.length, 0) < page.length) return 'its data file is cut off';
  } finally {
    closeSync(file);
  }
  if (page.readUInt32LE(PAGE_HEADER) !== LMDB_MAGIC) return 'its data file is not one of LMDB';
  const expected = (page.readUIntLE(LAST_PAGE, 6) + 1 - UNWRITTEN_PAGES) * page.readUInt32LE(PAGE_SIZE);
  if (size < expected) return 'its data file is cut off';
  if (deathsWhileOpening(folder) >= MAX_DEATHS) return `${MAX_DEATHS} processes died while they opened it`;
  return null;
}

/** Moves what is there out of the way (over what was set aside before) and begins a new folder. Returns where it went. */
export function setAside(folder: string): string {
  const aside = `${folder}.set-aside`;
  rmSync(aside, { recursive: true, force: true });
  if (existsSync(folder)) renameSync(folder, aside);
  mkdirSync(folder, { recursive: true, mode: 0o750 });
  return aside;
}

/** Between these two a death of the process is blamed on the store. */
export function beginOpening(folder: string): void {
  mkdirSync(folder, { recursive: true, mode: 0o750 });
  writeFileSync(join(folder, OPENING), String(deathsWhileOpening(folder) + 1));
}

export function endOpening(folder: string): void {
  rmSync(join(folder, OPENING), { force: true });
}

function deathsWhileOpening(folder: string): number {
  try {
    return Number(readFileSync(join(folder, OPENING), 'utf8')) || 0;
  } catch {
    return 0;
  }
}

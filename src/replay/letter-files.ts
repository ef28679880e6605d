import { createHash } from 'node:crypto';
import { type FileHandle, open, realpath, stat } from 'node:fs/promises';
import { basename, dirname, join, resolve } from 'node:path';
import { TrilogError } from '../errors.js';
import { ACTIVE_NAME, rotatedFiles, rotatedNumber } from '../pipeline/dead-letter-files.js';
import { type Letter, parseLine } from './letter.js';

/** A file of dead letters, as it was when it was looked for. */
export interface LetterFile {
  readonly path: string;
  readonly inode: number;
  /** How far it is read: what is added later is left alone. */
  readonly bytes: number;
  /** `named` is one that lies elsewhere. */
  readonly kind: 'active' | 'rotated' | 'named';
}

/** The files of a `data_dir`, oldest first. */
export async function filesOf(dataDir: string): Promise<LetterFile[]> {
  // The active one first: if it is renamed meanwhile it is among the others, under either name it is found once.
  const active = await lookAt(join(dataDir, ACTIVE_NAME), 'active').catch((error: NodeJS.ErrnoException) => {
    if (error.code === 'ENOENT') return null;
    throw error;
  });
  const rotated: LetterFile[] = [];
  for (const { path } of await rotatedFiles(dataDir)) {
    const file = await lookAt(path, 'rotated').catch(() => null);
    if (file !== null) rotated.push(file);
  }
  return active === null || rotated.some(({ inode }) => inode === active.inode) ? rotated : [...rotated, active];
}

/** Files by their names, each once, in this order. @throws TrilogError `INPUT_UNREADABLE` */
export async function namedFiles(paths: readonly string[], dataDir: string): Promise<LetterFile[]> {
  const home = await realpath(dataDir).catch(() => resolve(dataDir));
  const files = new Map<string, LetterFile>();
  for (const name of paths) {
    try {
      const path = await realpath(name);
      const isAtHome = dirname(path) === home;
      const number = isAtHome ? rotatedNumber(basename(path)) : null;
      const kind = number !== null ? 'rotated' : isAtHome && basename(path) === ACTIVE_NAME ? 'active' : 'named';
      files.set(path, await lookAt(path, kind));
    } catch (cause) {
      throw new TrilogError('INPUT_UNREADABLE', `${name}: ${cause instanceof Error ? cause.message : String(cause)}`, { cause });
    }
  }
  return [...files.values()];
}

async function lookAt(path: string, kind: LetterFile['kind']): Promise<LetterFile> {
  const { ino, size } = await stat(path);
  return { path, inode: ino, bytes: size, kind };
}

/** Whether a file still is what was looked at, with nothing added. */
export async function isUnchanged({ path, inode, bytes }: LetterFile): Promise<boolean> {
  const found = await stat(path).catch(() => null);
  return found?.ino === inode && found.size === bytes;
}

/** The same file, though an agent may have renamed it meanwhile; null where it is gone. */
async function openAgain({ path, inode, kind }: LetterFile): Promise<FileHandle | null> {
  const others = kind === 'active' ? (await rotatedFiles(dirname(path))).map((file) => file.path) : [];
  // Renamed between these two looks it would be missed, so look at its first name first.
  for (const candidate of [path, ...others, path]) {
    const handle = await open(candidate, 'r').catch((error: NodeJS.ErrnoException) => {
      if (error.code === 'ENOENT') return null;
      throw new TrilogError('INPUT_UNREADABLE', `${candidate}: ${error.message}`, { cause: error });
    });
    if (handle === null) continue;
    if ((await handle.stat()).ino === inode) return handle;
    await handle.close();
  }
  return null;
}

/** No letter is longer: a record is bounded far below. */
const MAX_LINE_BYTES = 268_435_456;
const BLOCK_BYTES = 1_048_576;
const NEWLINE = 10;

export type Read =
  | { readonly kind: 'letter'; readonly letter: Letter; readonly end: number }
  | { readonly kind: 'torn' | 'unreadable'; readonly end: number };

/**
 * The letters of a file, in order; `end` is the position behind each. A last line without its end may be under way, and is left out.
 * @throws TrilogError `INPUT_UNREADABLE`
 */
export async function* readLetters(file: LetterFile): AsyncGenerator<Read> {
  const keys = new LetterKeys();
  let end = 0;
  for await (const line of linesOf(file)) {
    end += line.bytes + 1;
    if (line.text === '') continue;
    const parsed = line.text === null ? { kind: 'unreadable' as const } : parseLine(line.text, line.bytes);
    if (parsed.kind === 'letter') yield { kind: 'letter', letter: { ...parsed.letter, key: keys.keyOf(line.text ?? '') }, end };
    else yield { kind: parsed.kind, end };
  }
}

/**
 * Names letters by what they say. Records without an id of their own may be refused with the same words at the same time: the second of
 * equal lines in a file is another letter than the first.
 */
export class LetterKeys {
  readonly #counts = new Map<string, number>();

  /** 22 letters, digits, - and _. */
  keyOf(line: string): string {
    const key = hash(line);
    const before = this.#counts.get(key) ?? 0;
    this.#counts.set(key, before + 1);
    return before === 0 ? key : hash(`${before}\n${line}`);
  }
}

/** 128 bits of it: among any number of letters that there can be no two are the same by chance. */
function hash(text: string): string {
  return createHash('sha256').update(text).digest('base64url').slice(0, 22);
}

/** Whole lines up to the end that the file had; `text` is null for one that is too long. */
async function* linesOf(file: LetterFile): AsyncGenerator<{ text: string | null; bytes: number }> {
  if (file.bytes === 0) return;
  const handle = await openAgain(file);
  if (handle === null) return;
  let pieces: Buffer[] = [];
  let size = 0;
  const stream = handle.createReadStream({ start: 0, end: file.bytes - 1, highWaterMark: BLOCK_BYTES });
  for await (const chunk of stream as AsyncIterable<Buffer>) {
    let from = 0;
    for (let newline = chunk.indexOf(NEWLINE); newline !== -1; newline = chunk.indexOf(NEWLINE, from)) {
      const last = chunk.subarray(from, newline);
      size += last.length;
      yield { text: size > MAX_LINE_BYTES ? null : Buffer.concat([...pieces, last]).toString('utf8'), bytes: size };
      from = newline + 1;
      pieces = [];
      size = 0;
    }
    const rest = chunk.subarray(from);
    size += rest.length;
    if (size <= MAX_LINE_BYTES) pieces.push(rest);
    else pieces = [];
  }
}

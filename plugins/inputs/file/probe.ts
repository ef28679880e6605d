import { closeSync, fstatSync, openSync, readSync, type Stats, statSync } from 'node:fs';
import { constants, gunzipSync } from 'node:zlib';
import { isGzip } from '../../../src/record/log-name.js';
import { HEAD_BYTES } from './fingerprint.js';

/** A file that was looked at: where it is and how it begins. */
export interface Candidate {
  readonly path: string;
  readonly dev: number;
  readonly ino: number;
  /** In bytes; of a compressed file unknown: infinite. */
  readonly size: number;
  readonly mtimeMs: number;
  /** When it was made; 0 where the file system does not say. */
  readonly birthtimeMs: number;
  /** Its first bytes, decompressed. */
  readonly head: Buffer;
  readonly gzip: boolean;
  /** The keys select it; else it is looked at only because it may hold what a selected file held before. */
  readonly included: boolean;
}

/** Stat of a regular file; undefined if there is none under this name. Throws nothing: a name that cannot be looked at is none. */
export function lookAt(path: string): Stats | undefined {
  try {
    const seen = statSync(path, { throwIfNoEntry: false });
    return seen?.isFile() ? seen : undefined;
  } catch {
    return undefined;
  }
}

/** Reads a file's first bytes. Returns undefined if it is gone; throws what the file system says if it cannot be read. */
export function probe(path: string, included: boolean): Candidate | undefined {
  // Asked before it is opened, because opening a pipe would wait for its writer.
  if (lookAt(path) === undefined) return undefined;
  const gzip = isGzip(path);
  let opened: { seen: Stats; start: Buffer };
  try {
    opened = readStart(path, gzip ? 16 * HEAD_BYTES : HEAD_BYTES);
  } catch (error) {
    if (error instanceof Error && 'code' in error && error.code === 'ENOENT') return undefined;
    throw error;
  }
  const { seen, start } = opened;
  return {
    path,
    dev: seen.dev,
    ino: seen.ino,
    size: gzip ? Number.POSITIVE_INFINITY : seen.size,
    mtimeMs: seen.mtimeMs,
    birthtimeMs: seen.birthtimeMs,
    head: gzip ? decompressStart(start) : start,
    gzip,
    included,
  };
}

/** Both of the same file, whatever is renamed meanwhile. */
function readStart(path: string, length: number): { seen: Stats; start: Buffer } {
  const fd = openSync(path, 'r');
  try {
    const seen = fstatSync(fd);
    const block = Buffer.allocUnsafeSlow(length);
    return { seen, start: block.subarray(0, readSync(fd, block, 0, length, 0)) };
  } finally {
    closeSync(fd);
  }
}

/** What can be decompressed of the first bytes of a gzip file; empty if it is none (yet). */
function decompressStart(start: Buffer): Buffer {
  try {
    // The input breaks off in the middle of the stream: a sync flush gives what there is. The bound stops a bomb.
    return Buffer.from(
      gunzipSync(start, { finishFlush: constants.Z_SYNC_FLUSH, maxOutputLength: 32 * 1_024 * 1_024 }).subarray(0, HEAD_BYTES),
    );
  } catch {
    return Buffer.alloc(0);
  }
}

/** The same for all names of one file. */
export function inodeOf(file: { dev: number; ino: number }): string {
  return `${file.dev}:${file.ino}`;
}

/** The same for as long as a file is not written to. */
export function signatureOf(file: { dev: number; ino: number; mtimeMs: number }): string {
  return `${inodeOf(file)}:${file.mtimeMs}`;
}

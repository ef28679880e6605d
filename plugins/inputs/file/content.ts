import { createReadStream, fstatSync, readSync } from 'node:fs';
import { type FileHandle, open } from 'node:fs/promises';
import { createGunzip } from 'node:zlib';
import { isGzip } from '../../../src/record/log-name.js';
import { HEAD_BYTES } from './fingerprint.js';

/** The bytes of one file, by position. For a compressed file: of what it holds. */
export interface Content {
  /** Fills `block` from `position` on; returns less than its length only at the end. */
  read(block: Buffer, position: number): Promise<number>;
  /** The first bytes as they are now, or null if they cannot change. The buffer is used again by the next call. */
  head(): Buffer | null;
  /** Null for a compressed file: its size is known when its end is reached. */
  stat(): { dev: number; ino: number; size: number; mtimeMs: number } | null;
  close(): Promise<void>;
}

/** Opens a file, decompressing it if its name ends in `.gz`. `windowBytes`: how far back of the furthest read a compressed one is read again. */
export async function openContent(path: string, windowBytes: number): Promise<Content> {
  const file = await open(path, 'r');
  if (!isGzip(path)) return new PlainContent(file);
  await file.close();
  return new GzipContent(path, windowBytes);
}

const headBlock = Buffer.allocUnsafe(HEAD_BYTES);

class PlainContent implements Content {
  constructor(readonly file: FileHandle) {}

  async read(block: Buffer, position: number): Promise<number> {
    let filled = 0;
    while (filled < block.length) {
      const { bytesRead } = await this.file.read(block, filled, block.length - filled, position + filled);
      filled += bytesRead;
      // A short read of a local file is its end; asking again would only cost.
      if (bytesRead < block.length) break;
    }
    return filled;
  }

  // Synchronous: the page was touched a moment ago, and a thread's round trip would cost ten times the read.
  head(): Buffer {
    return headBlock.subarray(0, readSync(this.file.fd, headBlock, 0, HEAD_BYTES, 0));
  }

  stat(): { dev: number; ino: number; size: number; mtimeMs: number } {
    return fstatSync(this.file.fd);
  }

  close(): Promise<void> {
    return this.file.close();
  }
}

/** Reads forward through a stream and keeps a window of what it gave last; a read before the window starts anew. */
class GzipContent implements Content {
  #chunks: AsyncIterator<Buffer> | null = null;
  #window = Buffer.alloc(0);
  #windowStart = 0;

  constructor(
    readonly path: string,
    readonly windowBytes: number,
  ) {}

  async read(block: Buffer, position: number): Promise<number> {
    if (this.#chunks === null || position < this.#windowStart) await this.#restart();
    while (this.#windowStart + this.#window.length < position + block.length) {
      const next = await this.#chunks?.next();
      if (next === undefined || next.done === true) break;
      // Bytes far before what is asked for are let go: the way to `position` costs no memory.
      const keepFrom = Math.max(this.#windowStart, Math.min(position, this.#windowStart + this.#window.length) - this.windowBytes);
      this.#window = Buffer.concat([this.#window.subarray(keepFrom - this.#windowStart), next.value]);
      this.#windowStart = keepFrom;
    }
    const from = position - this.#windowStart;
    return from >= this.#window.length ? 0 : this.#window.copy(block, 0, from, from + block.length);
  }

  head(): null {
    return null;
  }

  stat(): null {
    return null;
  }

  async close(): Promise<void> {
    await this.#chunks?.return?.();
    this.#chunks = null;
  }

  async #restart(): Promise<void> {
    await this.close();
    const file = createReadStream(this.path);
    const plain = createGunzip({ chunkSize: 262_144 });
    file.on('error', (error) => plain.destroy(error));
    plain.on('close', () => file.destroy());
    this.#chunks = file.pipe(plain)[Symbol.asyncIterator]();
    this.#window = Buffer.alloc(0);
    this.#windowStart = 0;
  }
}

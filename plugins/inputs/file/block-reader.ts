import { cutAt, decodeLine, splitLines } from '../../../src/record/lines.js';
import type { LineBlock } from '../../../src/record/source.js';
import type { Content } from './content.js';
import { type Fingerprint, fingerprintOf, startsAlike } from './fingerprint.js';
import type { Entry } from './positions.js';
import type { TrackedFile } from './tracked-file.js';

/**
 * What came of a turn: lines, nothing (yet), or the news that the file holds something else now, or that lines are there but the content is
 * not yet on disk with what it is known by: that first, then the same turn again.
 */
export type Turn = LineBlock | 'nothing' | 'rewritten' | 'not durable';

/** Reads one block per turn into one buffer that all files share. */
export class BlockReader {
  readonly #block: Buffer;

  /** @param onGrowth called when a fingerprint covers more than before. */
  constructor(
    blockBytes: number,
    readonly maxLineBytes: number,
    readonly onGrowth: (entry: Entry, fingerprint: Fingerprint) => void,
  ) {
    this.#block = Buffer.allocUnsafeSlow(blockBytes);
  }

  /** One turn of a file whose content is open. @throws what the file system or the decompression says. */
  async turn(file: TrackedFile, content: Content): Promise<Turn> {
    const from = file.scanned;
    const length = await content.read(this.#block, from);
    if (from > file.entry.read) return this.#longLine(file, content, from, length);
    // Only after the read, or the file could be truncated and filled again in between.
    if (!this.#isSame(file, content, from, length)) return 'rewritten';
    if (length > 0 && !file.entry.durable) return 'not durable';
    this.#looked(file, from, length);
    if (length === 0) return 'nothing';
    const found = splitLines(this.#block, length, from, this.maxLineBytes);
    if (found.consumed === 0) {
      // A short unfinished line is simply read again. A long one would be read again and again while it grows: go on behind it.
      if (length >= this.#block.length / 4) file.scanned = from + length;
      return 'nothing';
    }
    const end = from + found.consumed;
    file.entry.read = end;
    file.scanned = end;
    const { lines, offsets, cut, dropped } = found;
    return { source: file.source, lines, offsets, end, bytes: found.consumed - dropped, ...(cut.size > 0 && { cut }) };
  }

  /** What follows the last newline, as the last line; without lines if there is nothing. The file's end must have been reached. */
  async last(file: TrackedFile): Promise<LineBlock> {
    const { entry, content } = file;
    const length = file.looked - entry.read;
    const none = { source: file.source, lines: [], offsets: [], end: entry.read, bytes: 0, last: true };
    if (length === 0 || content === null) return none;
    const bytes = file.front ?? (await this.#start(content, entry.read, length));
    if (!this.#isSame(file, content, entry.read, 0)) return none;
    const block = this.#lineBlock(file, bytes, length, file.looked);
    return { ...block, last: true };
  }

  async #longLine(file: TrackedFile, content: Content, from: number, length: number): Promise<Turn> {
    const start = file.entry.read;
    const newline = this.#block.subarray(0, length).indexOf(10);
    const lineBytes = (newline === -1 ? from + length : from + newline) - start;
    let front = file.front;
    // Once a line is known to be too long its start is kept, so that nothing before the search has to be read again.
    if (front === null && (newline !== -1 || lineBytes > this.maxLineBytes + 1)) front = await this.#start(content, start, lineBytes);
    if (!this.#isSame(file, content, from, length)) return 'rewritten';
    this.#looked(file, from, length);
    if (newline === -1 || front === null) {
      file.front = front;
      file.scanned = from + length;
      return 'nothing';
    }
    file.front = null;
    // The rest of the block is read again with the next turn, which may find it at the end: there is more.
    file.hot = true;
    return this.#lineBlock(file, front, lineBytes, start + lineBytes + 1);
  }

  /** The start of a line of `length` bytes: as much as may leave, and one byte more, which may be a return or say where a character ends. */
  async #start(content: Content, position: number, length: number): Promise<Buffer> {
    const bytes = Buffer.allocUnsafeSlow(Math.min(length, this.maxLineBytes + 1));
    return bytes.subarray(0, await content.read(bytes, position));
  }

  #lineBlock(file: TrackedFile, front: Buffer, length: number, end: number): LineBlock {
    const start = file.entry.read;
    const returned = front.length === length && front.at(-1) === 13;
    const tooLong = length - (returned ? 1 : 0) > this.maxLineBytes;
    const bytes = tooLong ? front.subarray(0, cutAt(front, 0, this.maxLineBytes)) : front;
    file.entry.read = end;
    file.scanned = end;
    const block = { source: file.source, lines: [decodeLine(bytes)], offsets: [start], end, bytes: bytes.length };
    return tooLong ? { ...block, cut: new Set([0]) } : block;
  }

  #looked(file: TrackedFile, from: number, length: number): void {
    file.looked = Math.max(file.looked, from + length);
    file.entry.mtimeMs = Math.max(file.entry.mtimeMs, file.mtimeMs);
    if (length > 0) file.quietSince = performance.now();
    if (length === this.#block.length) return;
    file.hot = false;
    if (file.state !== 'live') file.drained = true;
  }

  /** True if the file still begins as it did, and as the block of it that was just read. Lengthens the fingerprint of a file that was short. */
  #isSame(file: TrackedFile, content: Content, from: number, length: number): boolean {
    const head = content.head();
    if (head === null) return true;
    if (head.length < file.head.length || !startsAlike(head, file.head)) return false;
    // What comes into an empty file may not be the first to come: that is for a search to find out.
    if (file.state === 'live' && file.head.length === 0 && head.length > 0) return false;
    // Between the two reads the file may have been emptied and filled with what begins as the little that was known.
    if (from < head.length && !startsAlike(head.subarray(from), this.#block.subarray(0, length))) return false;
    if (head.length > file.head.length) {
      file.head = Buffer.from(head);
      this.onGrowth(file.entry, fingerprintOf(file.head));
    }
    return true;
  }
}

import { isAscii } from 'node:buffer';

const RETURN = 13;

/** Whole lines found in a block of bytes. */
export interface Lines {
  readonly lines: string[];
  readonly offsets: number[];
  /** Indices of lines that were cut. */
  readonly cut: Set<number>;
  /** Bytes of the block up to and with the last newline; the rest is the start of a line that is not there yet. */
  readonly consumed: number;
  /** Bytes that were left out by cutting. */
  readonly dropped: number;
}

/**
 * Splits the first `length` bytes of `block`, which lie at `offset` in their file and begin a line, into lines without `\n` or `\r\n`.
 *
 * One latin1 string has as many characters as bytes, so an index in it is a byte offset: newlines are found there by `indexOf`, whatever the
 * bytes are. A block of pure ASCII, the usual case, needs no decoding at all: its lines are slices of that string. Invalid UTF-8 becomes U+FFFD.
 */
export function splitLines(block: Buffer, length: number, offset: number, maxLineBytes: number): Lines {
  const bytes = length === block.length ? block : block.subarray(0, length);
  const text = bytes.toString('latin1');
  const ascii = isAscii(bytes);
  const lines: string[] = [];
  const offsets: number[] = [];
  const cut = new Set<number>();
  let dropped = 0;
  let start = 0;
  for (let newline = text.indexOf('\n'); newline !== -1; newline = text.indexOf('\n', start)) {
    let end = newline > start && text.charCodeAt(newline - 1) === RETURN ? newline - 1 : newline;
    if (end - start > maxLineBytes) {
      const kept = cutAt(bytes, start, maxLineBytes);
      dropped += end - kept;
      end = kept;
      cut.add(lines.length);
    }
    lines.push(ascii ? text.slice(start, end) : bytes.toString('utf8', start, end));
    offsets.push(offset + start);
    start = newline + 1;
  }
  return { lines, offsets, cut, consumed: start, dropped };
}

/** Where a line that starts at `start` ends if it may have `maxLineBytes`: there, or up to three bytes before, so that no character is split. */
export function cutAt(bytes: Uint8Array, start: number, maxLineBytes: number): number {
  const limit = start + maxLineBytes;
  let end = limit;
  while (end > start && limit - end < 3 && ((bytes[end] ?? 0) & 0xc0) === 0x80) end -= 1;
  return ((bytes[end] ?? 0) & 0xc0) === 0x80 ? limit : end;
}

/** The text of one line that was read by itself; `line` has no newline, but may have the return before it. */
export function decodeLine(line: Buffer): string {
  const end = line.at(-1) === RETURN ? line.length - 1 : line.length;
  return line.toString('utf8', 0, end);
}

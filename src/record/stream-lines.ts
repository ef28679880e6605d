import { type Lines, splitLines } from './lines.js';

const NEWLINE = 10;
/** So many more bytes than allowed are kept of a line that does not end, that it is seen to be too long, wherever its last character begins. */
const BEYOND = 8;

/**
 * Lines of a stream that cannot be read again, chunk by chunk. Of a line that does not end no more is kept than `maxLineBytes`, and a few bytes. The offset
 * of a line is that of its first byte in the stream.
 */
export class StreamLines {
  /** The beginning of a line whose end has not come. */
  #held: Buffer[] = [];
  #heldBytes = 0;
  /** Bytes of it that were let go. */
  #letGo = 0;
  /** Offset of its first byte. */
  #at: number;

  /** @param at the offset of the first byte that comes */
  constructor(
    readonly maxLineBytes: number,
    at = 0,
  ) {
    this.#at = at;
  }

  /** The offset behind all that was handed out as lines. */
  get end(): number {
    return this.#at;
  }

  /** The lines that end in this chunk, which is not to be written to any more. Takes time in proportion to the chunk. */
  feed(chunk: Buffer): Lines {
    const newline = chunk.indexOf(NEWLINE);
    if (newline < 0) {
      this.#hold(chunk);
      return { lines: [], offsets: [], cut: new Set(), consumed: 0, dropped: 0 };
    }
    const first = this.#heldBytes > 0 ? this.#finish(chunk.subarray(0, newline + 1)) : null;
    const rest = first === null ? chunk : chunk.subarray(newline + 1);
    const lines = splitLines(rest, rest.length, this.#at, this.maxLineBytes);
    this.#at += lines.consumed;
    if (lines.consumed < rest.length) this.#hold(rest.subarray(lines.consumed));
    return first === null ? lines : joined(first, lines);
  }

  /** The stream has ended: the line that it ends in, without a newline, if there is one. */
  last(): Lines {
    if (this.#heldBytes === 0) return { lines: [], offsets: [], cut: new Set(), consumed: 0, dropped: 0 };
    return this.#finish(Buffer.from('\n'));
  }

  #hold(part: Buffer): void {
    const room = this.maxLineBytes + BEYOND - this.#heldBytes;
    const kept = part.length > room ? part.subarray(0, Math.max(0, room)) : part;
    this.#letGo += part.length - kept.length;
    if (kept.length === 0) return;
    // A copy: a few bytes must not keep the whole of what was read with them.
    this.#held.push(Buffer.from(kept));
    this.#heldBytes += kept.length;
  }

  #finish(end: Buffer): Lines {
    const block = Buffer.concat([...this.#held, end]);
    const line = splitLines(block, block.length, this.#at, this.maxLineBytes);
    this.#at += block.length + this.#letGo;
    this.#held = [];
    this.#heldBytes = 0;
    this.#letGo = 0;
    return line;
  }
}

function joined(first: Lines, rest: Lines): Lines {
  return {
    lines: [...first.lines, ...rest.lines],
    offsets: [...first.offsets, ...rest.offsets],
    cut: new Set([...first.cut, ...[...rest.cut].map((index) => index + first.lines.length)]),
    consumed: first.consumed + rest.consumed,
    dropped: first.dropped + rest.dropped,
  };
}

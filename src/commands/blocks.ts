import { splitLines } from '../record/lines.js';
import type { LineBlock, Source } from '../record/source.js';

const NEWLINE = 10;
/** A line that is too long is kept so much longer than it may be: enough to see that it is, even if a return ends it. */
const BEYOND = 2;

/** A line whose end has not been read yet. Its pieces are joined once, and what lies beyond the limit is only counted: time and memory stay bounded. */
class OpenLine {
  size = 0;
  #pieces: Buffer[] = [];
  #kept = 0;

  constructor(readonly limit: number) {}

  add(piece: Buffer): void {
    this.size += piece.length;
    const kept = piece.subarray(0, Math.max(0, this.limit + BEYOND - this.#kept));
    if (kept.length === 0) return;
    this.#pieces.push(kept);
    this.#kept += kept.length;
  }

  /** What was kept, with a line end; the next line begins. */
  take(): Buffer {
    const line = Buffer.concat(this.#kept === 0 ? [] : [...this.#pieces, Buffer.from([NEWLINE])]);
    this.#pieces = [];
    this.#kept = 0;
    this.size = 0;
    return line;
  }
}

/** Blocks of whole lines, each cut at `maxLineBytes`; the last block is marked, and its last line may have had no end. */
export async function* blocks(bytes: AsyncIterable<Buffer>, source: Source, maxLineBytes: number): AsyncGenerator<LineBlock> {
  const open = new OpenLine(maxLineBytes);
  let offset = 0;
  for await (const chunk of bytes) {
    let rest = chunk;
    if (open.size > 0) {
      const newline = chunk.indexOf(NEWLINE);
      open.add(newline < 0 ? chunk : chunk.subarray(0, newline));
      if (newline < 0) continue;
      rest = chunk.subarray(newline + 1);
      const size = open.size + 1;
      const line = open.take();
      const { lines, offsets, cut } = splitLines(line, line.length, offset, maxLineBytes);
      offset += size;
      yield { source, lines, offsets, end: offset, bytes: size, cut };
    }
    const { lines, offsets, cut, consumed } = splitLines(rest, rest.length, offset, maxLineBytes);
    offset += consumed;
    open.add(rest.subarray(consumed));
    if (consumed > 0) yield { source, lines, offsets, end: offset, bytes: consumed, cut };
  }
  const { size } = open;
  const line = open.take();
  const { lines, offsets, cut } = splitLines(line, line.length, offset, maxLineBytes);
  yield { source, lines, offsets, end: offset + size, bytes: size, cut, last: true };
}

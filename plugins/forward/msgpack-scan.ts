/** Why bytes cannot be taken for what they should be. */
export class Malformed extends Error {
  override readonly name = 'Malformed';
}

/** Containers within each other. Deeper ones only exhaust the memory of whoever follows them. */
const MOST_LEVELS = 10_000;

/** Lengths of what follows the first byte, for forms of a fixed size: 0xca to 0xd3 (numbers) and 0xd4 to 0xd8 (small extensions). */
const NUMBER_BYTES = [4, 8, 1, 2, 4, 8, 1, 2, 4, 8, 2, 3, 5, 9, 17] as const;

/**
 * Finds where a value of MessagePack ends, without making anything of it (https://github.com/msgpack/msgpack/blob/master/spec.md). It can stop at the
 * end of what has come, and go on there when there is more: so a stream costs one pass, whatever the pieces are that it comes in.
 */
export class Scanner {
  /** Where the next first byte of a value is, from the beginning of the outermost value. */
  #at = 0;
  /** Values that are still to come, of each container that is open. */
  readonly #open: number[] = [1];

  /** @param maxBytes the longest value that is followed */
  constructor(public maxBytes: number) {}

  /**
   * The end of the value that begins at `start`, or -1 where more bytes are needed: then call it again with all of them and the same beginning.
   * After an end it is ready for the next value. @throws Malformed
   */
  end(bytes: Buffer, start: number, limit = bytes.length): number {
    const open = this.#open;
    while (open.length > 0) {
      const left = open[open.length - 1] ?? 0;
      if (left === 0) {
        open.pop();
        continue;
      }
      const at = start + this.#at;
      if (at >= limit) return this.#more(limit - start);
      const head = bytes[at] ?? 0;
      const extra = lengthBytes(head);
      if (at + 1 + extra > limit) return this.#more(limit - start);
      open[open.length - 1] = left - 1;
      this.#at += 1 + extra + contentBytes(bytes, at, head);
      if (this.#at > this.maxBytes) throw new Malformed(`a value of more than ${this.maxBytes} bytes`);
      const inner = innerValues(bytes, at, head);
      if (inner > 0) {
        if (open.length >= MOST_LEVELS) throw new Malformed(`more than ${MOST_LEVELS} containers within each other`);
        open.push(inner);
      }
    }
    // The last text may reach beyond what has come.
    if (start + this.#at > limit) return this.#more(limit - start);
    const end = start + this.#at;
    this.#at = 0;
    open.push(1);
    return end;
  }

  #more(have: number): number {
    if (have > this.maxBytes) throw new Malformed(`a value of more than ${this.maxBytes} bytes`);
    return -1;
  }
}

/** How many bytes of a length, or of a count, follow a first byte. @throws Malformed for the one byte that means nothing */
function lengthBytes(head: number): number {
  switch (head) {
    case 0xc1:
      throw new Malformed('no MessagePack');
    case 0xc4:
    case 0xc7:
    case 0xd9:
      return 1;
    case 0xc5:
    case 0xc8:
    case 0xda:
    case 0xdc:
    case 0xde:
      return 2;
    case 0xc6:
    case 0xc9:
    case 0xdb:
    case 0xdd:
    case 0xdf:
      return 4;
    default:
      return 0;
  }
}

/** What the length says, of what does not hold values. */
function contentBytes(bytes: Buffer, at: number, head: number): number {
  if (head >= 0xa0 && head < 0xc0) return head & 0x1f;
  if (head < 0xc4 || head >= 0xdc) return 0;
  if (head >= 0xca && head <= 0xd8) return NUMBER_BYTES[head - 0xca] ?? 0;
  const length = bytes.readUIntBE(at + 1, lengthBytes(head));
  // The type of an extension stands between its length and its content.
  return head >= 0xc7 && head <= 0xc9 ? length + 1 : length;
}

/** How many values a container holds: two for each pair of a map. */
function innerValues(bytes: Buffer, at: number, head: number): number {
  if (head >= 0x80 && head < 0x90) return 2 * (head & 0x0f);
  if (head >= 0x90 && head < 0xa0) return head & 0x0f;
  if (head < 0xdc || head > 0xdf) return 0;
  const count = bytes.readUIntBE(at + 1, lengthBytes(head));
  return head >= 0xde ? 2 * count : count;
}

const QUOTE = 0x22;
const BACKSLASH = 0x5c;
const ZERO = 0x30;

/** The most bytes that one UTF-16 unit takes in JSON: `\u001f`. */
export const BYTES_PER_UNIT = 6;
/** Up to here copying byte by byte is faster than a call of `set`. */
const SHORT = 64;

/** Text that is written again and again, as bytes. */
export function fragment(text: string): Uint8Array {
  // A copy of its own: small Buffers share one block of memory, and these live long.
  return Uint8Array.from(Buffer.from(text));
}

/**
 * Writes JSON straight into bytes. Strings joined in JavaScript cost three times as much: every piece is an object, and the whole is copied twice
 * before it is bytes (test/bench/). There must be room: the caller has seen to that.
 */
export class JsonBytes {
  buffer: Buffer;
  at = 0;

  constructor(capacity: number) {
    this.buffer = Buffer.allocUnsafeSlow(capacity);
  }

  bytes(piece: Uint8Array): void {
    const { buffer, at } = this;
    const length = piece.length;
    if (length <= SHORT) for (let i = 0; i < length; i++) buffer[at + i] = piece[i] as number;
    else buffer.set(piece, at);
    this.at = at + length;
  }

  /** Text of our own: ASCII without anything to escape. */
  plain(text: string): void {
    const { buffer, at } = this;
    const length = text.length;
    for (let i = 0; i < length; i++) buffer[at + i] = text.charCodeAt(i);
    this.at = at + length;
  }

  /** Any text, quoted. */
  string(text: string): void {
    const buffer = this.buffer;
    const length = text.length;
    let at = this.at;
    buffer[at++] = QUOTE;
    for (let i = 0; i < length; i++) {
      const code = text.charCodeAt(i);
      if (code === QUOTE || code === BACKSLASH) buffer[at++] = BACKSLASH;
      else if (code < 0x20 || code > 0x7e) {
        // Rare: the engine knows how to escape and to encode.
        this.at += buffer.write(JSON.stringify(text), this.at);
        return;
      }
      buffer[at++] = code;
    }
    buffer[at++] = QUOTE;
    this.at = at;
  }

  /** A value of any kind. */
  json(value: unknown): void {
    this.at += this.buffer.write(JSON.stringify(value), this.at);
  }

  /** A number; `null` for what JSON has no number for. */
  number(value: number): void {
    if (value < 0 || value > 0x3fffffff || !Number.isInteger(value)) {
      this.plain(Number.isFinite(value) ? String(value) : 'null');
      return;
    }
    let rest = value | 0;
    let digits = 1;
    for (let power = 10; rest >= power; power *= 10) digits++;
    const end = this.at + digits;
    for (let i = end - 1; i >= this.at; i--) {
      const next = (rest / 10) | 0;
      this.buffer[i] = ZERO + rest - next * 10;
      rest = next;
    }
    this.at = end;
  }
}

import { Scanner } from './msgpack-scan.js';

const FIRST_BYTES = 65_536;

/** Cuts a stream of bytes into values of MessagePack. */
export class Framer {
  #buffer = Buffer.allocUnsafe(FIRST_BYTES);
  #start = 0;
  #end = 0;
  readonly #scanner: Scanner;

  /** @param maxBytes the longest value */
  constructor(maxBytes: number) {
    this.#scanner = new Scanner(maxBytes);
  }

  /** Bytes of a value that has begun. */
  get pending(): number {
    return this.#end - this.#start;
  }

  /** From the next value on. */
  set maxBytes(bytes: number) {
    this.#scanner.maxBytes = bytes;
  }

  /** Lets go of what has come. */
  clear(): void {
    this.#start = 0;
    this.#end = 0;
    this.#buffer = Buffer.alloc(0);
  }

  push(bytes: Buffer): void {
    if (this.#end + bytes.length > this.#buffer.length) this.#makeRoom(bytes.length);
    this.#end += bytes.copy(this.#buffer, this.#end);
  }

  /** The next whole value, in memory of its own; null where more has to come. @throws Malformed: nothing can be read after it */
  next(): Buffer | null {
    if (this.#start === this.#end) return null;
    const end = this.#scanner.end(this.#buffer, this.#start, this.#end);
    if (end < 0) return null;
    const value = Buffer.from(this.#buffer.subarray(this.#start, end));
    this.#start = end;
    if (this.#start === this.#end) this.#reset();
    return value;
  }

  /** Memory that one long value took is given back. */
  #reset(): void {
    this.#start = 0;
    this.#end = 0;
    if (this.#buffer.length > 4 * FIRST_BYTES) this.#buffer = Buffer.allocUnsafe(FIRST_BYTES);
  }

  #makeRoom(bytes: number): void {
    const needed = this.pending + bytes;
    const target =
      needed <= this.#buffer.length / 2 ? this.#buffer : Buffer.allocUnsafe(Math.max(needed, 2 * this.#buffer.length, FIRST_BYTES));
    this.#buffer.copy(target, 0, this.#start, this.#end);
    this.#buffer = target;
    this.#end -= this.#start;
    this.#start = 0;
  }
}

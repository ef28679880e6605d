import { isObject } from '../../src/record/json-object.js';

const FIRST_BYTES = 4096;

/** Writes values of MessagePack (https://github.com/msgpack/msgpack/blob/master/spec.md) one behind the other into one memory, which grows. */
export class Writer {
  #buffer: Buffer;
  #at = 0;

  constructor(capacity = FIRST_BYTES) {
    this.#buffer = Buffer.allocUnsafe(capacity);
  }

  get length(): number {
    return this.#at;
  }

  /** What was written, in memory of its own; the writer begins anew. */
  take(): Buffer {
    const bytes = Buffer.from(this.#buffer.subarray(0, this.#at));
    this.#at = 0;
    return bytes;
  }

  /** Whatever JSON has, and binaries. Undefined becomes nil, as within JSON's lists; members of an object that are undefined are left away. */
  value(value: unknown): void {
    if (typeof value === 'string') this.text(value);
    else if (typeof value === 'number') this.number(value);
    else if (typeof value === 'boolean') this.#byte(value ? 0xc3 : 0xc2);
    else if (Buffer.isBuffer(value)) this.binary(value);
    else if (Array.isArray(value)) {
      this.array(value.length);
      for (const item of value) this.value(item);
    } else if (isObject(value)) this.#object(value);
    else this.#byte(0xc0);
  }

  /** The head of an array; its values are to follow. */
  array(length: number): void {
    if (length < 16) this.#byte(0x90 | length);
    else this.#sized(length, null, 0xdc, 0xdd);
  }

  text(text: string): void {
    // One to three bytes a code unit.
    const most = 3 * text.length;
    if (most < 32) {
      this.#room(1 + most);
      const length = this.#buffer.write(text, this.#at + 1, 'utf8');
      this.#buffer[this.#at] = 0xa0 | length;
      this.#at += 1 + length;
      return;
    }
    const length = Buffer.byteLength(text);
    if (length < 32) this.#byte(0xa0 | length);
    else this.#sized(length, 0xd9, 0xda, 0xdb);
    this.#room(length);
    this.#at += this.#buffer.write(text, this.#at, 'utf8');
  }

  binary(bytes: Buffer): void {
    this.#sized(bytes.length, 0xc4, 0xc5, 0xc6);
    this.#room(bytes.length);
    this.#at += bytes.copy(this.#buffer, this.#at);
  }

  number(value: number): void {
    this.#room(9);
    const buffer = this.#buffer;
    if (!Number.isSafeInteger(value)) {
      buffer[this.#at] = 0xcb;
      this.#at = buffer.writeDoubleBE(value, this.#at + 1);
    } else if (value >= -32 && value < 128) this.#byte(value & 0xff);
    else if (value >= 0 && value <= 0xffff) {
      buffer[this.#at] = 0xcd;
      this.#at = buffer.writeUInt16BE(value, this.#at + 1);
    } else if (value >= 0 && value <= 0xffffffff) {
      buffer[this.#at] = 0xce;
      this.#at = buffer.writeUInt32BE(value, this.#at + 1);
    } else {
      buffer[this.#at] = 0xd3;
      this.#at = buffer.writeBigInt64BE(BigInt(value), this.#at + 1);
    }
  }

  /** A time as Fluentd has it: seconds and nanoseconds. @param milliseconds since the epoch; what a field of 32 bits cannot say becomes its bound */
  eventTime(milliseconds: number): void {
    const seconds = Math.min(Math.max(Math.floor(milliseconds / 1000), 0), 0xffffffff);
    const rest = Math.min(Math.max(Math.round(milliseconds - seconds * 1000), 0), 999);
    this.#room(10);
    this.#buffer[this.#at] = 0xd7;
    this.#buffer[this.#at + 1] = 0;
    this.#buffer.writeUInt32BE(seconds, this.#at + 2);
    this.#at = this.#buffer.writeUInt32BE(rest * 1e6, this.#at + 6);
  }

  #object(object: Readonly<Record<string, unknown>>): void {
    const entries = Object.entries(object).filter(([, value]) => value !== undefined);
    if (entries.length < 16) this.#byte(0x80 | entries.length);
    else this.#sized(entries.length, null, 0xde, 0xdf);
    for (const [key, value] of entries) {
      this.text(key);
      this.value(value);
    }
  }

  /** A first byte by the size of the length, and the length. */
  #sized(length: number, of8: number | null, of16: number, of32: number): void {
    this.#room(5);
    if (of8 !== null && length <= 0xff) {
      this.#buffer[this.#at] = of8;
      this.#buffer[this.#at + 1] = length;
      this.#at += 2;
    } else if (length <= 0xffff) {
      this.#buffer[this.#at] = of16;
      this.#at = this.#buffer.writeUInt16BE(length, this.#at + 1);
    } else {
      this.#buffer[this.#at] = of32;
      this.#at = this.#buffer.writeUInt32BE(length, this.#at + 1);
    }
  }

  #byte(byte: number): void {
    this.#room(1);
    this.#buffer[this.#at++] = byte;
  }

  #room(bytes: number): void {
    const needed = this.#at + bytes;
    if (needed <= this.#buffer.length) return;
    const larger = Buffer.allocUnsafe(Math.max(needed, 2 * this.#buffer.length));
    this.#buffer.copy(larger, 0, 0, this.#at);
    this.#buffer = larger;
  }
}

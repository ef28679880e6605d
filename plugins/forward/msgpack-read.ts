import { isUtf8 } from 'node:buffer';
import { KeyCache } from './key-cache.js';
import { Malformed } from './msgpack-scan.js';

/** Fluentd's time (https://github.com/fluent/fluentd/wiki/Forward-Protocol-Specification-v1#eventtime-ext-format): extension 0 of eight bytes. */
export class EventTime {
  constructor(
    /** Since the epoch. */
    readonly seconds: number,
    readonly nanoseconds: number,
  ) {}

  /** Since the epoch. */
  get milliseconds(): number {
    return this.seconds * 1000 + Math.floor(this.nanoseconds / 1e6);
  }

  toJSON(): number {
    return this.seconds + this.nanoseconds / 1e9;
  }
}

/** Nesting beyond this is no log record's, and would exhaust the stack of whoever writes its fields out again. */
const DEEPEST = 48;
/** Values of one reading: empty containers of a byte each would else take fifty times their size. */
const MOST_VALUES = 65_536;
/** Stands where there is too much of it. */
const LEFT_AWAY = '[…]';
const NOT_UTF8 = '\ufffd';
const KEYS = new KeyCache();

/**
 * Reads values of MessagePack that lie one behind the other and are whole (see Scanner). What they become can be written as JSON: texts and
 * binaries are text, of which what is no UTF-8 is U+FFFD; integers beyond 2^53 are text, too; extensions other than {@link EventTime} are text in base64.
 */
export class Reader {
  #at: number;
  #values = 0;
  /** Texts had bytes that are no UTF-8. */
  damaged = false;
  /** Something was too deep, or too much, and was left away. */
  shortened = false;

  constructor(
    readonly bytes: Buffer,
    at = 0,
    readonly end = bytes.length,
    /** `latin1` keeps bytes that are no text: each is a character. */
    readonly encoding: 'utf8' | 'latin1' = 'utf8',
  ) {
    this.#at = at;
  }

  /** Of the next value. */
  get at(): number {
    return this.#at;
  }

  get isDone(): boolean {
    return this.#at >= this.end;
  }

  /** Goes back to a value that was next before. */
  rewind(at: number): void {
    this.#at = at;
  }

  /** From here on as many values may follow as at the beginning. */
  begin(): void {
    this.#values = 0;
    this.damaged = false;
    this.shortened = false;
  }

  /** The number of values in an array that is next; its first is next then. Null, and nothing is taken, where it is no array. */
  array(): number | null {
    const head = this.#peek();
    if (head >= 0x90 && head < 0xa0) {
      this.#at++;
      return head & 0x0f;
    }
    if (head !== 0xdc && head !== 0xdd) return null;
    this.#at++;
    return this.#uint(head === 0xdc ? 2 : 4);
  }

  /** The bytes of a text or a binary that is next, in the memory of all; null, and nothing is taken, for anything else. */
  raw(): Buffer | null {
    const length = this.#rawLength(this.#peek());
    return length < 0 ? null : this.#take(length);
  }

  /** The next value. @throws Malformed where it is not whole */
  value(depth = 0): unknown {
    const head = this.#peek();
    if (++this.#values > MOST_VALUES || depth > DEEPEST) {
      this.shortened = true;
      this.skip();
      return LEFT_AWAY;
    }
    const length = this.#rawLength(head);
    if (length >= 0) return this.#text(length);
    const items = this.array();
    if (items !== null) {
      const list: unknown[] = [];
      for (let i = 0; i < items && !this.#isFull(); i++) list.push(this.value(depth + 1));
      this.#skipRest(items - list.length);
      return list;
    }
    if ((head >= 0x80 && head < 0x90) || head === 0xde || head === 0xdf) return this.#map(head, depth);
    this.#at++;
    if (head < 0x80) return head;
    if (head >= 0xe0) return head - 0x100;
    return this.#scalar(head);
  }

  /** Goes past the next value. */
  skip(): void {
    for (let left = 1; left > 0; left--) {
      const head = this.#peek();
      const length = this.#rawLength(head);
      if (length >= 0) {
        this.#take(length);
        continue;
      }
      const items = this.array();
      if (items !== null) left += items;
      else if ((head >= 0x80 && head < 0x90) || head === 0xde || head === 0xdf) left += 2 * this.#pairs(head);
      else {
        this.#at++;
        if (head >= 0x80 && head < 0xe0) this.#scalar(head);
      }
    }
  }

  #isFull(): boolean {
    if (this.#values < MOST_VALUES) return false;
    this.shortened = true;
    return true;
  }

  #skipRest(values: number): void {
    for (let i = 0; i < values; i++) this.skip();
  }

  #map(head: number, depth: number): Record<string, unknown> {
    const pairs = this.#pairs(head);
    const map: Record<string, unknown> = {};
    let done = 0;
    for (; done < pairs && !this.#isFull(); done++) {
      const key = this.#key(depth + 1);
      const value = this.value(depth + 1);
      // To assign it would lose it and change the prototype.
      if (key === '__proto__') Object.defineProperty(map, key, { value, enumerable: true, configurable: true, writable: true });
      else map[key] = value;
    }
    this.#skipRest(2 * (pairs - done));
    return map;
  }

  #key(depth: number): string {
    const from = this.#at;
    const length = this.#rawLength(this.#peek());
    if (length >= 0) {
      const known = this.encoding === 'utf8' && length <= this.end - this.#at ? KEYS.at(this.bytes, this.#at, length) : null;
      if (known === null) return this.#text(length);
      this.#at += length;
      this.#values++;
      return known;
    }
    this.#at = from;
    const found = this.value(depth);
    return typeof found === 'string' ? found : (JSON.stringify(found) ?? '');
  }

  #pairs(head: number): number {
    this.#at++;
    return head < 0x90 ? head & 0x0f : this.#uint(head === 0xde ? 2 : 4);
  }

  #scalar(head: number): unknown {
    const { bytes } = this;
    switch (head) {
      case 0xc0:
        return null;
      case 0xc2:
        return false;
      case 0xc3:
        return true;
      case 0xca:
        return bytes.readFloatBE(this.#past(4));
      case 0xcb:
        return bytes.readDoubleBE(this.#past(8));
      case 0xcc:
        return this.#uint(1);
      case 0xcd:
        return this.#uint(2);
      case 0xce:
        return this.#uint(4);
      case 0xcf:
        return exact(bytes.readBigUInt64BE(this.#past(8)));
      case 0xd0:
        return bytes.readInt8(this.#past(1));
      case 0xd1:
        return bytes.readInt16BE(this.#past(2));
      case 0xd2:
        return bytes.readInt32BE(this.#past(4));
      case 0xd3:
        return exact(bytes.readBigInt64BE(this.#past(8)));
      case 0xc7:
      case 0xc8:
      case 0xc9:
        return this.#extension(this.#uint(1 << (head - 0xc7)));
      case 0xd4:
      case 0xd5:
      case 0xd6:
      case 0xd7:
      case 0xd8:
        return this.#extension(1 << (head - 0xd4));
      default:
        throw new Malformed('no MessagePack');
    }
  }

  #extension(length: number): unknown {
    const type = this.bytes.readInt8(this.#past(1));
    const content = this.#take(length);
    if (type === 0 && length === 8) return new EventTime(content.readUInt32BE(0), content.readUInt32BE(4));
    return content.toString('base64');
  }

  /** The length of a text or a binary, whose beginning is next then; -1, and nothing is taken, for anything else. */
  #rawLength(head: number): number {
    if (head >= 0xa0 && head < 0xc0) {
      this.#at++;
      return head & 0x1f;
    }
    const size = head >= 0xc4 && head <= 0xc6 ? 1 << (head - 0xc4) : head >= 0xd9 && head <= 0xdb ? 1 << (head - 0xd9) : 0;
    if (size === 0) return -1;
    this.#at++;
    return this.#uint(size);
  }

  #text(length: number): string {
    const { bytes } = this;
    const from = this.#past(length);
    const to = from + length;
    if (this.encoding === 'latin1') return bytes.toString('latin1', from, to);
    const text = bytes.toString('utf8', from, to);
    if (text.includes(NOT_UTF8) && !isUtf8(bytes.subarray(from, to))) this.damaged = true;
    return text;
  }

  #peek(): number {
    if (this.#at >= this.end) throw new Malformed('a value that is not whole');
    return this.bytes[this.#at] ?? 0;
  }

  #uint(size: number): number {
    const at = this.#past(size);
    let number = 0;
    for (let i = at; i < at + size; i++) number = number * 256 + (this.bytes[i] ?? 0);
    return number;
  }

  #take(length: number): Buffer {
    const at = this.#past(length);
    return this.bytes.subarray(at, at + length);
  }

  /** Goes on by so many bytes; gives where they begin. */
  #past(length: number): number {
    const at = this.#at;
    if (at + length > this.end) throw new Malformed('a value that is not whole');
    this.#at = at + length;
    return at;
  }
}

function exact(value: bigint): number | string {
  const number = Number(value);
  return Number.isSafeInteger(number) ? number : value.toString();
}

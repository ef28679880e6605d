/** Words past this many are not looked at: what is longer is a dump, not a statement. */
export const MAX_WORDS = 512;

const FNV_OFFSET = 0x811c9dc5;
const FNV_PRIME = 0x01000193;
/** Odd, so that no word is lost from the sums of long runs. */
const RUN_BASE = 0x9e3779b1;

/** The lower-case code of the characters of words (ASCII letters, digits, underscore); 0 for what stands between words. */
const FOLDED = new Uint8Array(128);
for (const char of 'abcdefghijklmnopqrstuvwxyz0123456789_') FOLDED[char.charCodeAt(0)] = char.charCodeAt(0);
for (const char of 'ABCDEFGHIJKLMNOPQRSTUVWXYZ') FOLDED[char.charCodeAt(0)] = char.charCodeAt(0) + 32;

const BASE_POWERS = new Int32Array(MAX_WORDS + 1);
BASE_POWERS[0] = 1;
for (let n = 1; n <= MAX_WORDS; n++) BASE_POWERS[n] = Math.imul(BASE_POWERS[n - 1] ?? 0, RUN_BASE);

/** Spreads the bits of a hash (the last step of MurmurHash3). */
export function mix(hash: number): number {
  let h = hash ^ (hash >>> 16);
  h = Math.imul(h, 0x85ebca6b);
  h ^= h >>> 13;
  h = Math.imul(h, 0xc2b2ae35);
  return (h ^ (h >>> 16)) | 0;
}

/** Hash of a piece of text, letter by letter, whatever it is made of. */
export function hashText(text: string, from = 0, to = text.length): number {
  let hash = FNV_OFFSET;
  for (let i = from; i < to; i++) hash = Math.imul(hash ^ text.charCodeAt(i), FNV_PRIME);
  return mix(hash);
}

/**
 * The words of a text as hashes, read in one pass, and the hash of any run of them in constant time: a polynomial over the words' hashes
 * (Rabin and Karp). Punctuation and the case of letters do not count, so that quotes and brackets around a value change nothing.
 *
 * One object serves any number of texts, one after the other.
 */
export class Words {
  /** How many the text has, at most {@link MAX_WORDS}. */
  count = 0;
  /** The text has more words than are looked at. */
  cut = false;
  readonly #hashes = new Int32Array(MAX_WORDS);
  /** The polynomial over the first n words. */
  readonly #sums = new Int32Array(MAX_WORDS + 1);

  /** Reads the text from `from` to before `to`. */
  read(text: string, from = 0, to = text.length): this {
    this.count = 0;
    this.cut = false;
    let hash = FNV_OFFSET;
    let inWord = false;
    for (let i = from; i <= to; i++) {
      const code = i < to ? text.charCodeAt(i) : 0;
      const folded = code < 128 ? (FOLDED[code] ?? 0) : 0;
      if (folded !== 0) {
        hash = Math.imul(hash ^ folded, FNV_PRIME);
        inWord = true;
      } else if (inWord) {
        if (this.count === MAX_WORDS) {
          this.cut = true;
          return this;
        }
        const word = mix(hash);
        this.#hashes[this.count] = word;
        this.#sums[this.count + 1] = (Math.imul(this.#sums[this.count] ?? 0, RUN_BASE) + word) | 0;
        this.count++;
        hash = FNV_OFFSET;
        inWord = false;
      }
    }
    return this;
  }

  /** Hash of the word at `at`. */
  word(at: number): number {
    return this.#hashes[at] ?? 0;
  }

  /** Hash of `length` words from `at` on; the caller keeps them within {@link count}. */
  run(at: number, length: number): number {
    return ((this.#sums[at + length] ?? 0) - Math.imul(this.#sums[at] ?? 0, BASE_POWERS[length] ?? 0)) | 0;
  }
}

/** What a character may be to the masking, as bits of one byte. */
export const WORD = 1;
export const DIGIT = 2;
export const LOWER = 4;
export const UPPER = 8;
export const HEX = 16;
export const SPACE = 32;
export const LETTER = LOWER | UPPER;
export const ALNUM = LETTER | DIGIT;

/** Bits of the ASCII characters; control characters count as space. */
const ASCII = new Uint8Array(128);
for (let code = 0; code < 128; code++) {
  let bits = 0;
  if (code <= 32 || code === 127) bits |= SPACE;
  if (code >= 48 && code <= 57) bits |= WORD | DIGIT | HEX;
  if (code >= 97 && code <= 122) bits |= WORD | LOWER;
  if (code >= 65 && code <= 90) bits |= WORD | UPPER;
  if ((code >= 97 && code <= 102) || (code >= 65 && code <= 70)) bits |= HEX;
  if ('_-./%@+~'.includes(String.fromCharCode(code))) bits |= WORD;
  ASCII[code] = bits;
}

/** Bits of a character code; what is not ASCII is part of a word, and beyond the end of a text there is nothing. */
export function bitsOf(code: number): number {
  if (code < 128) return ASCII[code] ?? 0;
  if (code === 0xa0 || code === 0x2028 || code === 0x2029 || code === 0xfeff) return SPACE;
  return code >= 128 ? WORD : 0;
}

/** A character of words that is neither letter nor digit nor slash. */
export function isMark(code: number): boolean {
  return code < 128 && code !== 47 && (bitsOf(code) & ALNUM) === 0;
}

/** Where a word begins for a template, which has no marks before its words: behind those that stand here. */
export function afterMarks(text: string, from: number, limit: number): number {
  let p = from;
  while (p < limit && (bitsOf(text.charCodeAt(p)) & WORD) !== 0 && isMark(text.charCodeAt(p))) p++;
  return p;
}

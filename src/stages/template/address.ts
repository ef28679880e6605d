import { ALNUM, bitsOf, DIGIT, HEX, SPACE } from './characters.js';

/** The longest address or time with colons. */
const LONGEST = 48;

/** What a scan for an address found: its placeholder and where it ends. */
export interface Address {
  readonly placeholder: '<ip>' | '<mac>' | '<time>';
  readonly end: number;
}

/** An address or time that goes on behind the colon; a date may stand before it (`2026-03-02T10:11:12`). */
export function addressOver(text: string, start: number, colon: number): Address | null {
  if (colon - start === 13 && text.charCodeAt(start + 10) === 84) {
    const time = addressAt(text, start + 11);
    if (time !== null) return { placeholder: '<time>', end: time.end };
  }
  return colon - start > 4 ? null : addressAt(text, start);
}

/** An IPv6 or MAC address or a time of day that starts at `start` and goes over a colon; null where it is something else. */
function addressAt(text: string, start: number): Address | null {
  let colons = 0;
  let digits = 0;
  let hex = 0;
  let p = start;
  const limit = Math.min(text.length, start + LONGEST);
  for (; p < limit; p++) {
    const code = text.charCodeAt(p);
    if (code === 58) {
      const next = bitsOf(text.charCodeAt(p + 1));
      if ((next & HEX) === 0 && text.charCodeAt(p + 1) !== 58) break;
      colons++;
    } else if (code !== 46 && code !== 47) {
      const bits = bitsOf(code);
      if ((bits & HEX) === 0) break;
      if ((bits & DIGIT) !== 0) digits++;
      else hex++;
    }
  }
  if (colons < 2 || digits + hex < 3) return null;
  const code = text.charCodeAt(p);
  if (p < text.length && (bitsOf(code) & ALNUM) !== 0 && code !== 90) return null;
  while (text.charCodeAt(p - 1) === 46 || text.charCodeAt(p - 1) === 47) p--;
  if (hex === 0 && colons === 2) return { placeholder: '<time>', end: code === 90 ? p + 1 : p };
  if (colons === 5 && p - start === 17) return { placeholder: '<mac>', end: p };
  return digits > 0 || colons > 3 ? { placeholder: '<ip>', end: p } : null;
}

/** Where a URL ends: at a blank, a quote or a closing bracket. A full stop or comma at its end is the sentence's. */
export function urlEnd(text: string, from: number, limit: number): number {
  let p = from;
  for (; p < limit; p++) {
    const code = text.charCodeAt(p);
    if (
      (bitsOf(code) & SPACE) !== 0 ||
      code === 34 ||
      code === 39 ||
      code === 62 ||
      code === 41 ||
      code === 93 ||
      code === 125 ||
      code === 60
    )
      break;
  }
  while (p > from && '.,;:'.includes(text.charAt(p - 1))) p--;
  return p;
}

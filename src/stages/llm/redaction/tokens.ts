import { PLACEHOLDERS } from '../../template/mask.js';

/**
 * A piece of a template. `odd` is a character that must not leave and yet joins what stands beside it (`hunter|two`): what is read as one value
 * goes over it, and where it would be written a blank is.
 */
export interface Token {
  readonly kind: 'placeholder' | 'word' | 'mark' | 'odd' | 'blank';
  readonly text: string;
}

/** The marks that may leave. `<` and `>` do only as parts of a placeholder. */
const MARKS = new Set('.,:;()[]{}=/\'"-_#%&+*?!');
const LONGEST_PLACEHOLDER = Math.max(...[...PLACEHOLDERS].map((name) => name.length));

/** Letters and digits; what is not ASCII counts as such, so that it goes with the word that it stands in. */
function isWordCode(code: number): boolean {
  return (code >= 48 && code <= 57) || (code >= 65 && code <= 90) || (code >= 97 && code <= 122) || code > 0xa0;
}

/** What holds the parts of a word together when it stands between them. */
function isJoint(code: number): boolean {
  // _ - . / % + ~ @ and the apostrophe
  return (
    code === 95 || code === 45 || code === 46 || code === 47 || code === 37 || code === 43 || code === 126 || code === 64 || code === 39
  );
}

/** The placeholder that begins at `at`, or null. */
function placeholderAt(text: string, at: number): string | null {
  if (text.charCodeAt(at) !== 60) return null;
  const close = text.slice(at, at + LONGEST_PLACEHOLDER).indexOf('>');
  const name = text.slice(at, at + close + 1);
  return close > 0 && PLACEHOLDERS.has(name) ? name : null;
}

/** Where the word ends that begins at `start`. */
function wordEnd(text: string, start: number): number {
  let end = start + 1;
  let p = end;
  for (; p < text.length; p++) {
    const code = text.charCodeAt(p);
    if (isWordCode(code)) end = p + 1;
    else if (!isJoint(code)) break;
  }
  return end;
}

/** A template as tokens; blanks and control characters in a row are one blank. Reads the text once. */
export function tokensOf(text: string): Token[] {
  const tokens: Token[] = [];
  let p = 0;
  while (p < text.length) {
    const code = text.charCodeAt(p);
    const placeholder = placeholderAt(text, p);
    if (placeholder !== null) {
      tokens.push({ kind: 'placeholder', text: placeholder });
      p += placeholder.length;
    } else if (isWordCode(code)) {
      const end = wordEnd(text, p);
      tokens.push({ kind: 'word', text: text.slice(p, end) });
      p = end;
    } else if (code <= 32 || (code >= 127 && code <= 0xa0)) {
      if (tokens.at(-1)?.kind !== 'blank') tokens.push({ kind: 'blank', text: ' ' });
      p++;
    } else {
      const mark = text.charAt(p++);
      tokens.push({ kind: MARKS.has(mark) ? 'mark' : 'odd', text: mark });
    }
  }
  return tokens;
}

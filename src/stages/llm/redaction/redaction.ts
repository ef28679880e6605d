import type { LinearPattern } from '../../rules/pattern.js';
import { MAX_TEMPLATE } from '../../template/mask.js';
import { gluedEnd, secretValue, type Value } from './secret-value.js';
import { sitePatterns, withoutMatches } from './site-patterns.js';
import { type Token, tokensOf } from './tokens.js';
import type { Vocabulary } from './vocabulary.js';
import { partsOf, segmentsOf } from './word-parts.js';

/** How much of a text is looked at, in characters; a template is shorter. */
const WINDOW = 2_048;
/** The longest logger, in characters. */
const MAX_LOGGER = 100;
/** Digits that a part of a logger may have: what has more is an id. */
const MAX_DIGITS = 3;
/** Short pieces are found in any vocabulary, whatever they were cut from: a word of this many pieces needs one of {@link LONG_PART} letters. */
const MANY_PARTS = 3;
const LONG_PART = 4;
/** Single letters and digits that one word may have: `e.g.`, `utf-8`. */
const MAX_SINGLES = 2;
/** After these a number is an error's. */
const BEFORE_ERRNO = new Set(['errno', 'signal']);
/** What is glued to one of these is the rest of it: of a password, of an address, of an element of XML. */
const GO_ON = new Set(['<secret>', '<url>', '<data>']);

/**
 * Makes of a masked template what may leave the process. The template keeps what classes are told by; of that, this leaves only words that log
 * statements are known to be made of, and of what stands behind the name of a secret nothing.
 */
export class Redaction {
  readonly #patterns: readonly LinearPattern[];
  readonly #vocabulary: Vocabulary | null;

  /**
   * @param patterns what a site must not let out, in RE2's syntax.
   * @param vocabulary the words that may leave; null lets any ASCII word leave that no other measure takes.
   * @throws TrilogError `CONFIG_INVALID` that names the patterns which cannot be used.
   */
  constructor(patterns: readonly string[], vocabulary: Vocabulary | null) {
    this.#patterns = sitePatterns(patterns);
    this.#vocabulary = vocabulary;
  }

  /**
   * The template without what must not leave: ASCII of one line, at most {@link MAX_TEMPLATE} characters. Of what it returns it makes the same again.
   * Its time grows linearly with the text, up to the 2,048 characters that are looked at.
   */
  text(template: string): string {
    let left = this.#pass(windowOf(template));
    // What was taken away may have stood between a name and a value. Every further pass takes more, so that there is a last one.
    for (let passes = 0; passes < MAX_TEMPLATE; passes++) {
      const next = this.#pass(left);
      if (next === left) break;
      left = next;
    }
    return left;
  }

  #pass(text: string): string {
    return new Walk(tokensOf(withoutMatches(text, this.#patterns)), (word) => this.#mayLeave(word)).run();
  }

  /** A dotted logger, or the name of a program, with `<word>` for the parts that must not leave; at most 100 characters. */
  logger(name: string): string {
    const parts = withoutMatches(name.slice(0, WINDOW), this.#patterns)
      .split('.')
      .map((part) => this.#loggerPart(part));
    let out = '';
    let last = '';
    for (const part of parts) {
      if (part === '' || (part === '<word>' && last === part)) continue;
      if (out.length + part.length >= MAX_LOGGER) break;
      out += out === '' ? part : `.${part}`;
      last = part;
    }
    return out;
  }

  #loggerPart(part: string): string {
    if (part === '' || part === '<secret>') return part;
    const isName = /^[0-9A-Za-z_-]{1,64}$/.test(part) && part.replaceAll(/\D/g, '').length <= MAX_DIGITS;
    return isName && (this.#vocabulary === null || this.#knownParts(part) !== null) ? part : '<word>';
  }

  /** Whether a word of a text is made of known words, and not pieced together from what any vocabulary has. */
  #mayLeave(word: string): boolean {
    // Beyond ASCII nothing is known; an address of somebody has the other two.
    if (/[^\x21-\x7e]|[@~]/.test(word)) return false;
    if (this.#vocabulary === null) return true;
    const parts = this.#knownParts(word);
    return parts !== null && (parts.length < MANY_PARTS || parts.some((part) => part.length >= LONG_PART));
  }

  /** The parts of a word, or null where the vocabulary lacks one. */
  #knownParts(word: string): string[] | null {
    const parts: string[] = [];
    let singles = 0;
    for (const segment of segmentsOf(word)) {
      const lower = segment.toLowerCase();
      for (const part of this.#vocabulary?.has(lower) ? [lower] : partsOf(segment)) {
        if (part.length === 1) singles++;
        else if (!this.#vocabulary?.has(part)) return null;
        parts.push(part);
      }
    }
    return parts.length > 0 && singles <= MAX_SINGLES ? parts : null;
  }
}

/** The beginning of a text that is looked at; a word that would be cut is left out, since its beginning may be another word. */
function windowOf(text: string): string {
  return text.length <= WINDOW ? text : text.slice(0, Math.max(0, text.lastIndexOf(' ', WINDOW)));
}

/** One way through the tokens of a text. */
class Walk {
  #out = '';
  /** The last thing written that is neither blank nor comma. */
  #last = '';
  /** Blanks and commas behind it, which a run of alike placeholders has between them. */
  #held = '';
  #full = false;
  /** The word before, as it was written. */
  #before = '';

  constructor(
    private readonly tokens: readonly Token[],
    /** Whether a word is kept. */
    private readonly mayLeave: (word: string) => boolean,
  ) {}

  run(): string {
    const { tokens } = this;
    let value: Value | null = null;
    let i = 0;
    while (!this.#full) {
      const token = tokens[i];
      if (token === undefined) break;
      if (value !== null && i === value.from) {
        this.#write(value.placeholder);
        i = GO_ON.has(value.placeholder) ? gluedEnd(tokens, value.to) : value.to;
        this.#before = '';
        value = null;
        continue;
      }
      i++;
      if (token.kind === 'word') {
        value ??= secretValue(tokens, i - 1, this.#before);
        const written = this.#word(token.text);
        this.#write(written);
        this.#before = written;
      } else if (token.kind === 'placeholder') {
        this.#write(token.text);
        this.#before = token.text;
        if (GO_ON.has(token.text)) i = gluedEnd(tokens, i);
      } else this.#separator(token.kind === 'mark' ? token.text : ' ');
    }
    return this.#out.trimEnd();
  }

  #word(text: string): string {
    if (!/^\d+$/.test(text)) return this.mayLeave(text) ? text : '<word>';
    const isErrno = text.length <= 3 && BEFORE_ERRNO.has(this.#before.toLowerCase());
    return isErrno || /^[1-5]\d\d$/.test(text) ? text : '<num>';
  }

  #separator(mark: string): void {
    if (mark !== ' ' && mark !== ',') {
      this.#write(mark);
      return;
    }
    if (mark !== ' ' || (!this.#held.endsWith(' ') && (this.#out !== '' || this.#held !== ''))) this.#held += mark;
  }

  /** Writes a piece behind what was held back, unless it repeats a placeholder. Nothing is cut: the beginning of a word may be another word. */
  #write(piece: string): void {
    if (piece.length > 2 && piece.startsWith('<') && piece === this.#last) {
      this.#held = '';
      return;
    }
    if (this.#out.length + this.#held.length + piece.length > MAX_TEMPLATE) {
      this.#full = true;
      return;
    }
    this.#out += this.#held + piece;
    this.#held = '';
    this.#last = piece;
  }
}

const FNV_OFFSET = 0x811c9dc5;
const FNV_PRIME = 0x01000193;

/** 1 for the characters of words: letters, digits, underscore. */
const WORD = new Uint8Array(128);
for (const char of 'abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789_') WORD[char.charCodeAt(0)] = 1;

/**
 * Values by a word that the text must hold. One pass over the text finds every candidate, however many values there are.
 * Words are compared by hash: a candidate may be wrong, none is missed.
 */
export class WordIndex<T> {
  readonly #byHash = new Map<number, { readonly values: T[]; visitedIn: number }>();
  #visit = 0;

  /** Files the value under the longest whole word of its literals. False when they hold none, so that the value cannot be filed. */
  insert(literals: readonly string[], value: T): boolean {
    const word = literals.flatMap(wholeWords).reduce((longest, next) => (next.length > longest.length ? next : longest), '');
    if (word === '') return false;
    let hash = FNV_OFFSET;
    for (let i = 0; i < word.length; i++) hash = Math.imul(hash ^ word.charCodeAt(i), FNV_PRIME);
    const entry = this.#byHash.get(hash);
    if (entry === undefined) this.#byHash.set(hash, { values: [value], visitedIn: 0 });
    else entry.values.push(value);
    return true;
  }

  /** Calls `visit` with the values filed under each word of the text, once however often the word recurs. */
  visit(text: string, visit: (values: readonly T[], start: number) => void): void {
    this.#visit++;
    let hash = FNV_OFFSET;
    let inWord = false;
    for (let i = 0; i < text.length; i++) {
      const code = text.charCodeAt(i);
      if (code < 128 && WORD[code] === 1) {
        hash = Math.imul(hash ^ code, FNV_PRIME);
        inWord = true;
      } else if (inWord) {
        this.#offer(hash, visit);
        hash = FNV_OFFSET;
        inWord = false;
      }
    }
    if (inWord) this.#offer(hash, visit);
  }

  #offer(hash: number, visit: (values: readonly T[], start: number) => void): void {
    const entry = this.#byHash.get(hash);
    if (entry === undefined || entry.visitedIn === this.#visit) return;
    entry.visitedIn = this.#visit;
    visit(entry.values, 0);
  }
}

/** Words of a literal that are whole in every text that holds the literal: those that touch neither of its ends. */
export function wholeWords(literal: string): string[] {
  const words: string[] = [];
  for (const found of literal.matchAll(/\w+/g)) {
    if (found.index > 0 && found.index + found[0].length < literal.length) words.push(found[0]);
  }
  return words;
}

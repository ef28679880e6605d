/**
 * Expressions that V8's own engine, which backtracks, runs in linear time too: they are anchored at the start, repeat nothing but single
 * characters and classes, do so at most once on every way through, and leave open at most a few times whether a part is there. Then no start
 * but the first is tried, and giving back what the one repetition took, for each of a few choices, is all the backtracking there is. V8 needs a tenth of the time that RE2 needs behind its binding (test/bench/).
 */

/** Classes as RE2 has them: ASCII, and white space without \v. */
const CLASSES: Readonly<Record<string, string>> = { d: '0-9', w: '0-9A-Za-z_', s: '\\t\\n\\f\\r ' };

/** Each `?` may double the ways through. */
const MAX_OPTIONAL = 3;

interface Part {
  /** The same in JavaScript's syntax. */
  readonly source: string;
  /** Repetitions of open length on the way through that has most of them. */
  readonly unbounded: number;
  /** Parts that may be left out (`?`), of all alternatives together. */
  readonly optional: number;
}

/** The expression for V8, or null where linear time is not certain or the two engines might differ. */
export function v8Linear(source: string): RegExp | null {
  if (!source.startsWith('^')) return null;
  try {
    const reader = new Reader(source.slice(1));
    // What stands behind `|` outside of a group would not be anchored.
    const { source: translated, unbounded, optional } = reader.sequence();
    if (!reader.ended || unbounded > 1 || optional > MAX_OPTIONAL) return null;
    return new RegExp(`^${translated}`, 'u');
  } catch {
    return null;
  }
}

class Unsupported extends Error {}

/** Reads the part of RE2's syntax that the pack needs; anything else is unsupported, never guessed. */
class Reader {
  #at = 0;

  constructor(readonly text: string) {}

  get ended(): boolean {
    return this.#at === this.text.length;
  }

  #alternatives(): Part {
    const parts = [this.sequence()];
    while (this.#take('|')) parts.push(this.sequence());
    return {
      source: parts.map((part) => part.source).join('|'),
      unbounded: Math.max(...parts.map((part) => part.unbounded)),
      optional: parts.reduce((sum, part) => sum + part.optional, 0),
    };
  }

  sequence(): Part {
    let source = '';
    let unbounded = 0;
    let optional = 0;
    while (!this.ended && this.text[this.#at] !== '|' && this.text[this.#at] !== ')') {
      const part = this.#repeated();
      source += part.source;
      unbounded += part.unbounded;
      optional += part.optional;
    }
    return { source, unbounded, optional };
  }

  #repeated(): Part {
    const isGroup = this.text[this.#at] === '(';
    const part = isGroup ? this.#group() : { source: this.#atom(), unbounded: 0, optional: 0 };
    const quantifier = /^(?:[?*+]|\{\d{1,2}(?:,\d{1,2})?\})/.exec(this.text.slice(this.#at))?.[0];
    if (quantifier === undefined) return part;
    this.#at += quantifier.length;
    if (/^[?*+{]/.test(this.text.slice(this.#at))) throw new Unsupported();
    if (quantifier === '?') return { source: `${part.source}?`, unbounded: part.unbounded, optional: part.optional + 1 };
    if (isGroup) throw new Unsupported();
    const fixed = quantifier.startsWith('{') && !quantifier.includes(',');
    return { source: part.source + quantifier, unbounded: fixed ? 0 : 1, optional: 0 };
  }

  #group(): Part {
    this.#at++;
    if (this.text.startsWith('?:', this.#at)) this.#at += 2;
    else if (this.text[this.#at] === '?') throw new Unsupported();
    const inside = this.#alternatives();
    if (!this.#take(')')) throw new Unsupported();
    return { ...inside, source: `(?:${inside.source})` };
  }

  /** One character or class. */
  #atom(): string {
    const char = this.text[this.#at++] ?? '';
    if (char === '\\') return this.#escape(false);
    if (char === '[') return this.#class();
    if (char === '.') return '[^\\n]';
    if (char === '$' || char === '^') return char;
    if ('*+?{}]/'.includes(char)) {
      if (char === '/') return '\\/';
      throw new Unsupported();
    }
    return this.#character(char);
  }

  #class(): string {
    let inside = this.#take('^') ? '^' : '';
    let afterSet = false;
    for (;;) {
      const char = this.text[this.#at++];
      // A range from or to a class such as \d means different things to different engines.
      const dash = char === '-' && this.text[this.#at] !== ']';
      if (char === undefined || char === '[' || (dash && (afterSet || this.text[this.#at] === '\\'))) throw new Unsupported();
      if (char === ']') {
        if (inside === '' || inside === '^') throw new Unsupported();
        return `[${inside}]`;
      }
      afterSet = char === '\\' && /[dws]/i.test(this.text[this.#at] ?? '');
      if (char === '\\') inside += this.#escape(true);
      else inside += char === '-' ? (dash ? '-' : '\\x2d') : this.#character(char);
    }
  }

  #escape(inClass: boolean): string {
    const char = this.text[this.#at++] ?? '';
    const members = CLASSES[char.toLowerCase()];
    if (members !== undefined) {
      const negated = char !== char.toLowerCase();
      if (!inClass) return `[${negated ? '^' : ''}${members}]`;
      if (negated) throw new Unsupported();
      return members;
    }
    if (char === 'b' && !inClass) return '\\b';
    if (char === 'n' || char === 't') return `\\${char}`;
    if (/[a-z0-9]/i.test(char)) throw new Unsupported();
    return this.#character(char);
  }

  /** A character that stands for itself. Beyond ASCII the engines might disagree. */
  #character(char: string): string {
    if (char === '' || char > '~') throw new Unsupported();
    return /[\^$\\.*+?()[\]{}|/-]/.test(char) ? (char === '-' ? '\\x2d' : `\\${char}`) : char;
  }

  #take(char: string): boolean {
    if (this.text[this.#at] !== char) return false;
    this.#at++;
    return true;
  }
}

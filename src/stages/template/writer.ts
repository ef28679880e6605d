/** The longest template, in characters. */
export const MAX_TEMPLATE = 400;

/** Writes a template piece by piece: bounded, without doubled blanks, and with a run of alike placeholders as one. */
export class TemplateWriter {
  private out = '';
  /** Code of the last character written; a look into `out` itself would flatten the string each time. */
  tail = 0;
  /** The last thing written: a word as it stands, or a placeholder; empty at the beginning. */
  last = '';
  /** A separator between two placeholders that are alike: kept back, since a run of values is one value. */
  held = '';
  /** Nothing more fits. */
  full = false;

  text(): string {
    return this.out.trimEnd();
  }

  /** Writes a piece as it stands, behind what was held back. */
  put(piece: string): void {
    if (this.out.length + this.held.length + piece.length > MAX_TEMPLATE) {
      this.full = true;
      return;
    }
    if (this.held !== '') {
      this.out += this.held;
      this.tail = this.held.charCodeAt(this.held.length - 1);
      this.held = '';
    }
    if (piece === '') return;
    this.out += piece;
    this.tail = piece.charCodeAt(piece.length - 1);
  }

  /** Writes a blank or comma, or holds it back. */
  separator(mark: string): void {
    if (this.last.charCodeAt(0) === 60) {
      // After a placeholder: blanks and commas wait for what comes, so that `<id>, <id>` becomes one.
      if (mark !== ' ' || !this.held.endsWith(' ')) this.held += this.held.endsWith(mark) ? '' : mark;
      if (this.held.length > 8) this.settle();
      return;
    }
    if (mark === ' ' && (this.tail === 0 || this.tail === 32)) return;
    this.put(mark);
  }

  /** Writes what was held back: something other than the same placeholder follows. */
  private settle(): void {
    this.put('');
    this.last = '.';
  }

  /** Writes a placeholder, unless it would repeat the one before it. */
  value(name: string): void {
    if (this.last === name && name.charCodeAt(0) === 60) {
      this.held = '';
      return;
    }
    this.put(name);
    this.last = name;
  }
}

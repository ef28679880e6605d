import { addressOver, urlEnd } from './address.js';
import { ALNUM, afterMarks, bitsOf, DIGIT, isMark, LETTER, SPACE, WORD } from './characters.js';
import { isAuthScheme, isSecretName } from './secret.js';
import { endsWord, isBracketedStatus, isCount, isStatus, isStatusName, reasonEnd, StatusContext } from './status.js';
import { windowOf } from './window.js';
import { classNameAt, placeholderOf, saysWhatHappened } from './word.js';
import { MAX_TEMPLATE, TemplateWriter } from './writer.js';

export { MAX_TEMPLATE };

const QUOTE = 39;
const DOUBLE_QUOTE = 34;
/** The longest quoted word that a template keeps, with one quote. */
const LONGEST_QUOTED = 41;
const HTTP_METHODS = new Set(['GET', 'POST', 'PUT', 'DELETE', 'PATCH', 'HEAD', 'OPTIONS']);
/** After these words a small number names an error and stays. */
const BEFORE_ERRNO = new Set(['errno', 'signal']);

/**
 * The words of a message without its values: `Took 12.5 seconds to build instance.` gives `Took <num> seconds to build instance.`
 *
 * Masked are ids, numbers, addresses, times, paths, URLs, mails, host names, quoted names, structures of data and secrets. HTTP status codes, errno
 * numbers and names, and names of exceptions stay: they decide the class. Looks at a bounded part of the message once; a template of a template is
 * itself. At most {@link MAX_TEMPLATE} characters.
 */
export function maskMessage(message: string): string {
  return new Masking(message).run();
}

/** Whether a bracket opens a structure of data: a quote, a number, another bracket or nothing follows. `[Errno 111]` and `{name}` are words. */
function beginsData(text: string, at: number): boolean {
  const next = text.charCodeAt(at + 1);
  if ((bitsOf(next) & DIGIT) !== 0) return true;
  if (next === QUOTE || next === DOUBLE_QUOTE || next === 123 || next === 91 || next === 40 || next === 93 || next === 125) return true;
  // Python 2 and bytes: `[u'a']`.
  return (next === 117 || next === 98) && text.charCodeAt(at + 2) === QUOTE;
}

class Masking {
  private readonly writer = new TemplateWriter();
  private readonly status = new StatusContext();
  /** The next value is secret. */
  private secret = false;
  /** The last word was the name of a secret; `=` or `:` after it makes the next value one. */
  private secretName = false;
  private readonly end: number;

  constructor(private readonly text: string) {
    this.end = windowOf(text);
  }

  run(): string {
    const { text, end } = this;
    let p = 0;
    while (p < end && !this.writer.full) {
      const code = text.charCodeAt(p);
      const bits = bitsOf(code);
      if ((bits & WORD) !== 0) p = this.word(p);
      else if ((bits & SPACE) !== 0) {
        this.writer.separator(' ');
        p++;
      } else p = this.punctuation(p, code);
    }
    return this.writer.text();
  }

  private placeholder(name: string): void {
    this.secretName = false;
    this.status.word(name);
    if (this.secret) {
      this.secret = false;
      this.writer.value('<secret>');
      return;
    }
    this.writer.value(name);
  }

  private punctuation(p: number, code: number): number {
    const { text } = this;
    if (code === QUOTE || code === DOUBLE_QUOTE) return this.quote(p, code);
    if (code === 60) return this.angle(p);
    if ((code === 123 || code === 91) && beginsData(text, p) && !this.isStatusInBrackets(p)) return this.data(p, code);
    if ((code === 61 || code === 58) && this.secretName) this.secret = true;
    if (code !== 61 && code !== 58) this.secretName = false;
    if (code === 44) {
      this.writer.separator(',');
      return p + 1;
    }
    const mark = text.charAt(p);
    this.status.mark(mark);
    // A rule of one mark says no more than the mark.
    if (this.writer.held === '' && this.writer.tail === code) return p + 1;
    this.writer.put(mark);
    if (code === 10 || (code !== 40 && code !== 34 && code !== 61 && code !== 58)) this.writer.last = mark === '<' ? '.' : mark;
    else if (this.writer.last.charCodeAt(0) === 60) this.writer.last = mark;
    return p + 1;
  }

  private isStatusInBrackets(at: number): boolean {
    return (this.status.awaited && isBracketedStatus(this.text, at)) || reasonEnd(this.text, at + 1, this.end) > 0;
  }

  /** A dict, a list or JSON goes as one value. */
  private data(start: number, open: number): number {
    const close = open === 123 ? 125 : 93;
    let depth = 0;
    for (let p = start; p < this.end; p++) {
      const code = this.text.charCodeAt(p);
      if (code === open) depth++;
      else if (code === close && --depth === 0) {
        this.placeholder('<data>');
        return p + 1;
      }
    }
    this.placeholder('<data>');
    return this.end;
  }

  /** `<id>` and its kind stay; `<Connection object at 0x7f…>` is a value. */
  private angle(start: number): number {
    const { text } = this;
    const limit = Math.min(this.end, start + 200);
    let p = start + 1;
    while (p < limit && text.charCodeAt(p) !== 62 && text.charCodeAt(p) !== 60) p++;
    if (p >= limit || text.charCodeAt(p) !== 62 || (bitsOf(text.charCodeAt(afterMarks(text, start + 1, limit))) & ALNUM) === 0) {
      this.writer.put('<');
      this.writer.last = '.';
      this.status.mark('<');
      return start + 1;
    }
    const name = text.slice(start, p + 1);
    this.placeholder(PLACEHOLDERS.has(name) ? name : '<data>');
    return p + 1;
  }

  private quote(start: number, code: number): number {
    const { text } = this;
    const opens = this.writer.held !== '' || (bitsOf(this.writer.tail) & ALNUM) === 0;
    const limit = Math.min(this.end, start + 256);
    let p = start + 1;
    let spaced = false;
    let marked = false;
    for (; p < limit; p++) {
      const c = text.charCodeAt(p);
      if (c === code && !((bitsOf(text.charCodeAt(p - 1)) & LETTER) !== 0 && (bitsOf(text.charCodeAt(p + 1)) & LETTER) !== 0)) break;
      if ((bitsOf(c) & SPACE) !== 0) spaced = true;
      if (c === 60) marked = true;
    }
    if (opens && p < limit && this.secret) {
      this.placeholder('<secret>');
      return p + 1;
    }
    if (!opens || p >= limit || spaced || marked) {
      if (this.writer.held !== '' || this.writer.tail !== code) this.writer.put(code === QUOTE ? "'" : '"');
      if (this.writer.last.charCodeAt(0) === 60) this.writer.last = text.charAt(start);
      return start + 1;
    }
    const named = isSecretName(text, start + 1, p);
    if (this.staysUnquoted(start, p)) this.plain(text.slice(start + 1, p));
    else this.placeholder('<str>');
    this.secretName = named;
    return p + 1;
  }

  /** What stays of a quoted word stands without its quotes, and must read the same there: nothing else may touch it. */
  private staysUnquoted(open: number, close: number): boolean {
    const { text } = this;
    if (close - open > LONGEST_QUOTED || !endsWord(text, close + 1)) return false;
    if (this.writer.held === '' && (bitsOf(this.writer.tail) & WORD) !== 0) return false;
    if (this.status.awaited && isStatus(text, open + 1, close)) return !isCount(text, close + 1, this.end);
    const next = text.charCodeAt(close + 1);
    if ((next === 58 || next === 61) && isStatusName(text.slice(open + 1, close).toLowerCase())) return true;
    return saysWhatHappened(text, open + 1, close);
  }

  private plain(word: string): void {
    if (this.secret && !HTTP_METHODS.has(word)) {
      this.placeholder('<secret>');
      return;
    }
    this.writer.put(word);
    this.writer.last = word;
    this.status.word(word);
  }

  /** A status with its reason phrase, in one piece: a bounded template has both or none. */
  private reason(piece: string): void {
    if (this.secret) {
      this.placeholder('<secret>');
      return;
    }
    this.plain(piece);
    // After `Client Error` another status may stand.
    this.status.word(piece.slice(piece.lastIndexOf(' ') + 1));
    this.secretName = false;
  }

  private word(start: number): number {
    const { text, end } = this;
    let p = start + 1;
    for (; p < end; p++) {
      const code = text.charCodeAt(p);
      if ((bitsOf(code) & WORD) !== 0) continue;
      // An apostrophe inside a word is part of it.
      if (
        code === QUOTE &&
        (bitsOf(text.charCodeAt(p - 1)) & LETTER) !== 0 &&
        p + 1 < end &&
        (bitsOf(text.charCodeAt(p + 1)) & LETTER) !== 0
      )
        continue;
      break;
    }
    if (text.charCodeAt(p) === 58 && p < end) {
      if (text.charCodeAt(p + 1) === 47 && text.charCodeAt(p + 2) === 47) {
        const stop = urlEnd(text, p + 3, end);
        this.placeholder('<url>');
        return stop;
      }
      const address = addressOver(text, start, p);
      if (address !== null) {
        this.placeholder(address.placeholder);
        return address.end;
      }
    }
    return this.finish(start, p);
  }

  private finish(begin: number, stop: number): number {
    const { text } = this;
    let start = begin;
    let end = stop;
    while (end > start && (isMark(text.charCodeAt(end - 1)) || text.charCodeAt(end - 1) === 47)) end--;
    if (end === start) return this.marks(begin, stop);
    while (start < end && isMark(text.charCodeAt(start))) start++;
    const reason = start > begin ? -1 : reasonEnd(text, start, this.end);
    if (reason > 0) {
      this.reason(text.slice(start, reason));
      return reason;
    }
    const flag = start > begin && text.charCodeAt(begin) === 45;
    let name = this.numberThatStays(start, end, start > begin) ? null : placeholderOf(text, start, end);
    const from = name === null ? classNameAt(text, start, end) : start;
    // The class alone is what a template has: it must be no value either.
    if (from > start) name = placeholderOf(text, from, end);
    const secretName = isSecretName(text, start, end);
    if (name !== null) this.placeholder(name);
    else {
      const wasSecret = this.secret;
      const scheme = isAuthScheme(text, from, end);
      this.plain(text.slice(from, end));
      this.secret = (wasSecret && scheme) || (this.secret && !wasSecret);
    }
    this.secretName = secretName;
    if (secretName && flag) this.secret = true;
    // What ends a sentence stands apart from its last word.
    return end < stop ? this.marks(end, stop) : stop;
  }

  /** Word characters without a letter or digit: a dash, a full stop, a percent sign, or a run of them. */
  private marks(start: number, stop: number): number {
    const mark = this.text.charAt(start);
    // A unit or a slash behind a value is part of it.
    if ((mark === '%' || mark === '/') && this.writer.last.charCodeAt(0) === 60) return stop;
    if (this.writer.held !== '' || this.writer.tail !== mark.charCodeAt(0)) this.writer.put(mark);
    if (this.writer.last.charCodeAt(0) === 60) this.writer.last = mark;
    this.status.mark(mark);
    return stop;
  }

  private numberThatStays(start: number, end: number, marked: boolean): boolean {
    const { text } = this;
    if (end - start > 3) return false;
    for (let i = start; i < end; i++) if ((bitsOf(text.charCodeAt(i)) & DIGIT) === 0) return false;
    if (BEFORE_ERRNO.has(this.writer.last.toLowerCase())) return true;
    return this.status.awaited && !marked && isStatus(text, start, end) && !isCount(text, end, this.end);
  }
}

/** All that can stand for a value. */
export const PLACEHOLDERS: ReadonlySet<string> = new Set(
  '<id> <num> <ip> <mac> <time> <path> <url> <email> <host> <str> <data> <secret> <word>'.split(' '),
);

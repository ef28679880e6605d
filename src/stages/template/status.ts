import { ALNUM, afterMarks, bitsOf, DIGIT, LETTER, LOWER, SPACE, WORD } from './characters.js';

/** After these words a number of three digits is an HTTP status and stays, since it decides the class. */
const BEFORE_STATUS = new Set(
  (
    'http status code status_code statuscode http_status http_code response_code error_code response resp error reason ' +
    'returned returns returning responded received got'
  ).split(' '),
);
/** Their first letters, a bit each. */
const FIRST_LETTERS = [...BEFORE_STATUS].reduce((bits, name) => bits | (1 << (name.charCodeAt(0) & 31)), 0);
const LONGEST_NAME = 30;
/** Words that may stand between such a word and its status: `response status was 503`, `responded with 503`. */
const BETWEEN = new Set('is was of with a an the'.split(' '));
/** Marks that may: `status -> 404`, `RESP: [404]`, `(status="404")`. */
const MARKS_BETWEEN = ' ([\'":=->,';

/** What the library requests writes behind any status of 4xx and 5xx. */
const CLIENT_ERROR = 'Client Error';
const SERVER_ERROR = 'Server Error';
/** What RFC 9110 and the libraries of OpenStack write behind a status. */
const REASONS: ReadonlyMap<string, readonly string[]> = new Map([
  ['200', ['OK']],
  ['201', ['Created']],
  ['202', ['Accepted']],
  ['204', ['No Content']],
  ['300', ['Multiple Choices']],
  ['301', ['Moved Permanently']],
  ['302', ['Found']],
  ['304', ['Not Modified']],
  ['400', ['Bad Request']],
  ['401', ['Unauthorized']],
  ['403', ['Forbidden']],
  ['404', ['Not Found']],
  ['405', ['Method Not Allowed']],
  ['406', ['Not Acceptable']],
  ['408', ['Request Timeout']],
  ['409', ['Conflict']],
  ['410', ['Gone']],
  ['411', ['Length Required']],
  ['412', ['Precondition Failed']],
  ['413', ['Request Entity Too Large', 'Payload Too Large', 'Content Too Large']],
  ['415', ['Unsupported Media Type']],
  ['422', ['Unprocessable Entity', 'Unprocessable Content']],
  ['429', ['Too Many Requests']],
  ['500', ['Internal Server Error']],
  ['501', ['Not Implemented']],
  ['502', ['Bad Gateway', 'Proxy Error']],
  ['503', ['Service Unavailable']],
  ['504', ['Gateway Timeout', 'Gateway Time-out']],
]);

/** What a count is of, besides the plurals that {@link isCount} knows. */
const UNITS = new Set('s ms us ns sec min kb mb gb tb kib mib gib kbps mbps vms ips byte percent'.split(' '));
/** These end as plurals do and are none. */
const NO_UNITS = new Set('https does means says gives always indicates occurs'.split(' '));
const LONGEST_UNIT = 20;

/** Whether what was read so far makes the next number of three digits an HTTP status. It is told of everything that a template is made of. */
export class StatusContext {
  /** A status may follow. */
  awaited = false;

  /** A word or a placeholder. */
  word(word: string): void {
    // Most words are told by their first letter.
    if (this.awaited || (FIRST_LETTERS >>> (word.charCodeAt(0) & 31)) & 1 || word.charCodeAt(word.length - 7) === 95) this.look(word);
  }

  private look(word: string): void {
    const name = word.length > LONGEST_NAME ? '' : word.toLowerCase();
    this.awaited = isStatusName(name) || (this.awaited && BETWEEN.has(name));
  }

  mark(mark: string): void {
    if (this.awaited) this.awaited = MARKS_BETWEEN.includes(mark);
  }
}

/** Whether a status follows this lower-case word: `http_status`, `HTTPError`. */
export function isStatusName(name: string): boolean {
  return BEFORE_STATUS.has(name) || name.endsWith('_status') || (name.startsWith('http') && /(?:error|exception|statuscode)$/.test(name));
}

/** Whether the text from `start` to `end` is a number from 100 to 599. */
export function isStatus(text: string, start: number, end: number): boolean {
  const first = text.charCodeAt(start);
  return end - start === 3 && first >= 49 && first <= 53 && isDigit(text, start + 1) && isDigit(text, start + 2);
}

/** Whether a status in brackets stands here, which is no list: `[503]`. */
export function isBracketedStatus(text: string, at: number): boolean {
  return text.charCodeAt(at + 4) === 93 && isStatus(text, at + 1, at + 4);
}

/** Where a status and its reason phrase end that begin here, as `409) Conflict` and `404 Client Error` do; -1 where they do not. */
export function reasonEnd(text: string, start: number, limit: number): number {
  if (!isStatus(text, start, start + 3)) return -1;
  let p = start + 3;
  while (p < start + 6 && ' )](:,-'.includes(text.charAt(p))) p++;
  if (p === start + 3) return -1;
  const code = text.slice(start, start + 3);
  const reason = (REASONS.get(code) ?? [])
    .concat(code < '400' ? [] : code < '500' ? CLIENT_ERROR : SERVER_ERROR)
    .find((words) => text.startsWith(words, p));
  if (reason === undefined) return -1;
  const end = p + reason.length;
  return end <= limit && endsWord(text, end) ? end : -1;
}

/** Whether what follows makes a number a count: `returned 404 rows`, `received 128 bytes`, `at 100%`. */
export function isCount(text: string, end: number, limit: number): boolean {
  if (text.charCodeAt(end) === 37) return true;
  let start = end;
  while (start < limit && (bitsOf(text.charCodeAt(start)) & SPACE) !== 0) start++;
  if (start === end) return false;
  // A template has no marks before its words.
  start = afterMarks(text, start, limit);
  let p = start;
  let lower = true;
  for (; p < limit && p <= start + LONGEST_UNIT; p++) {
    const bits = bitsOf(text.charCodeAt(p));
    if ((bits & LETTER) === 0) break;
    if ((bits & LOWER) === 0) lower = false;
  }
  if (p < limit && (bitsOf(text.charCodeAt(p)) & ALNUM) !== 0) return false;
  const word = text.slice(start, p);
  if (UNITS.has(word.toLowerCase())) return true;
  return lower && /^[a-z]{2,}[^siu]s$/.test(word) && !NO_UNITS.has(word);
}

/** Whether a word ends here, so that nothing of what follows belongs to it: a full stop may end a sentence. */
export function endsWord(text: string, at: number): boolean {
  const next = text.charCodeAt(at);
  return (bitsOf(next) & WORD) === 0 || (next === 46 && (bitsOf(text.charCodeAt(at + 1)) & WORD) === 0);
}

function isDigit(text: string, at: number): boolean {
  return (bitsOf(text.charCodeAt(at)) & DIGIT) !== 0;
}

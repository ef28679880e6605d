import type { LogRecord } from '../record.js';

/** DevStack's beginning of the suffix in the journal, and on a coloured terminal. */
const BRACES = ' {{(pid=';
const FROM = ' from (pid=';

/**
 * Takes oslo.log's `logging_debug_format_suffix` off the end of a DEBUG message: ` function /path/file.py:123`, or DevStack's
 * ` {{(pid=123) function /path/file.py:123}}` and ` from (pid=123) function /path/file.py:123`. A message without one stays as it is.
 */
export function stripDebugSuffix(record: LogRecord): void {
  const message = record.message;
  let end = message.length;
  let begin = -1;
  let label = BRACES;
  if (message.charCodeAt(end - 1) === 125 && message.endsWith('}}')) {
    begin = message.lastIndexOf(BRACES);
    if (begin < 0) return;
    end -= 2;
  }
  let p = end - 1;
  let line = 0;
  let scale = 1;
  for (let digit = message.charCodeAt(p) - 48; digit >= 0 && digit <= 9; digit = message.charCodeAt(p) - 48) {
    line += digit * scale;
    scale *= 10;
    p--;
  }
  if (p === end - 1 || message.charCodeAt(p) !== 58 || scale > 1e7) return;
  const path = message.lastIndexOf(' ', p) + 1;
  if (path < 2 || path === p || !(message.charCodeAt(path) === 47 || message.startsWith('.py', p - 3))) return;
  const name = message.lastIndexOf(' ', path - 2) + 1;
  if (name === path - 1 || !isFunctionName(message, name, path - 1)) return;
  if (begin < 0 && message.charCodeAt(name - 2) === 41) {
    label = FROM;
    begin = message.lastIndexOf(FROM, name);
    if (begin >= 0 && message.indexOf(')', begin) !== name - 2) begin = -1;
  }
  if (begin < 0) begin = Math.max(0, name - 1);
  else if (record.pid === 0) record.pid = Number.parseInt(message.slice(begin + label.length, name), 10) || 0;
  record.functionName = message.slice(name, path - 1);
  record.filePath = message.slice(path, p);
  record.fileLine = line;
  record.message = message.slice(0, begin);
}

/** Letters, digits and `_`, or Python's `<lambda>`, `<module>`; the name may stand behind a newline. */
function isFunctionName(text: string, at: number, end: number): boolean {
  if (end - at > 100) return false;
  for (let i = at; i < end; i++) {
    const code = text.charCodeAt(i);
    const letter = (code >= 97 && code <= 122) || (code >= 65 && code <= 90) || (code >= 48 && code <= 57) || code === 95;
    if (!letter && code !== 60 && code !== 62) return false;
  }
  return true;
}

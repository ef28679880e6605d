import type { Level, RecordError } from './record.js';

/** What Python writes above the frames of an exception. */
export const TRACEBACK = 'Traceback (most recent call last):';

function isNameCode(code: number): boolean {
  return (code >= 97 && code <= 122) || (code >= 65 && code <= 90) || (code >= 48 && code <= 57) || code === 95;
}

/** End of a dotted Python name that starts at `at`; `at` where there is none. */
function nameEnd(text: string, at: number): number {
  let p = at;
  for (; p < text.length; p++) {
    const code = text.charCodeAt(p);
    if (!isNameCode(code) && (code !== 46 || p === at)) break;
  }
  return text.charCodeAt(p - 1) === 46 ? at : p;
}

/** A class of exceptions: its last part has a capital (`PortBindingFailed`, `libvirtError`), and without a module it says what it is. */
function isExceptionName(name: string): boolean {
  const last = name.slice(name.lastIndexOf('.') + 1);
  const dotted = name.length > last.length;
  const first = last.charCodeAt(0);
  if (!(first >= 65 && first <= 90)) return dotted && last.endsWith('Error');
  return dotted || (last.length > 5 && last.endsWith('Error')) || (last.length > 9 && /(?:Exception|Timeout|Exit|Interrupt)$/.test(last));
}

/**
 * The exception in a line such as `nova.exception.PortBindingFailed: Binding failed for …`, or one without a message; null where the line is
 * something else. Loose takes any name, for the place where an exception must stand.
 */
export function exceptionAt(text: string, at: number, loose: boolean): { type: string; message: string } | null {
  const end = nameEnd(text, at);
  if (end === at) return null;
  const code = text.charCodeAt(end);
  if (end < text.length && code !== 58 && code !== 10) return null;
  // A message that is no exception may well begin with a word and a colon.
  if (code === 58 && end + 1 < text.length && text.charCodeAt(end + 1) !== 32 && text.charCodeAt(end + 1) !== 10) return null;
  const type = text.slice(at, end);
  if (!loose && !isExceptionName(type)) return null;
  const newline = text.indexOf('\n', end);
  const message = code === 58 ? text.slice(Math.min(end + 2, text.length), newline < 0 ? text.length : newline) : '';
  return { type, message };
}

/**
 * oslo.log's `error_summary`: from WARNING on, `: <class>: <text>` is appended to a message that was logged while an exception was active.
 * The message's first line is searched from the left; where the text repeats the same class, its last place counts.
 */
export function errorSummary(message: string, level: Level): RecordError | null {
  if (level !== 'ERROR' && level !== 'WARNING' && level !== 'CRITICAL') return null;
  let at = 0;
  for (;;) {
    const found = exceptionAt(message, at, false);
    if (found !== null && (at > 0 || found.type.includes('.'))) {
      const again = found.message.lastIndexOf(`: ${found.type}: `);
      return { type: found.type, message: again < 0 ? found.message : found.message.slice(again + found.type.length + 4), stackTrace: '' };
    }
    const colon = message.indexOf(': ', at);
    if (colon < 0) return null;
    at = colon + 2;
  }
}

/** The exception that a traceback ends in: the first line after the last frame that is not indented. */
export function errorOfTraceback(stackTrace: string): RecordError {
  const frame = stackTrace.lastIndexOf('\n  File "');
  let at = frame < 0 ? 0 : frame + 1;
  while (at < stackTrace.length) {
    const newline = stackTrace.indexOf('\n', at);
    const end = newline < 0 ? stackTrace.length : newline;
    const code = stackTrace.charCodeAt(at);
    if (end > at && code !== 32 && code !== 9 && !stackTrace.startsWith('Traceback', at)) {
      const found = exceptionAt(stackTrace, at, true);
      if (found !== null) return { ...found, stackTrace };
    }
    at = end + 1;
  }
  return { type: '', message: '', stackTrace };
}

/** Both views of one exception: the traceback's, with the class as the summary spells it if that names the module. */
export function mergeErrors(summary: RecordError | null, traced: RecordError): RecordError {
  if (summary === null) return traced;
  const type = traced.type === '' || summary.type.endsWith(`.${traced.type}`) ? summary.type : traced.type;
  return { type, message: traced.type === '' ? summary.message : traced.message, stackTrace: traced.stackTrace };
}

/** Whether a line that has a traceback's prefix may begin one: its heading, a frame, nothing, or an exception. */
export function beginsTraceback(text: string): boolean {
  if (text === '') return true;
  const code = text.charCodeAt(0);
  return code === 32 || code === 9 || text.startsWith('Traceback') || exceptionAt(text, 0, false) !== null;
}

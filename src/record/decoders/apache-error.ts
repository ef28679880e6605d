import { levelOf } from '../level.js';
import { LogRecord } from '../record.js';
import { decodeOslo } from './oslo.js';
import type { DecodeState } from './state.js';

/**
 * Apache's error log: `[Mon Mar 02 10:11:12.123456 2026] [wsgi:error] [pid 19:tid 140] [remote 10.0.0.5:1] text`; before 2.4
 * `[Mon Mar 02 10:11:12 2026] [error] text`. A service under mod_wsgi writes its oslo lines there, which are decoded as such.
 */
export function decodeApacheError(line: string, offset: number, state: DecodeState): LogRecord | null {
  const time = state.time.asctime(line, 1);
  const timeEnd = state.time.end;
  if (timeEnd < 0 || !line.startsWith('] [', timeEnd)) return null;
  const levelEnd = line.indexOf(']', timeEnd + 3);
  if (levelEnd < 0 || levelEnd - timeEnd > 60) return null;
  const name = line.slice(timeEnd + 3, levelEnd);
  const colon = name.indexOf(':');
  let p = levelEnd + 1;
  let pid = 0;
  const fields: Record<string, unknown> = {};
  while (line.startsWith(' [', p)) {
    const close = line.indexOf(']', p);
    const blank = line.indexOf(' ', p + 2);
    if (close < 0 || blank < 0 || blank > close || close - p > 120) break;
    const key = line.slice(p + 2, blank);
    const value = line.slice(blank + 1, close);
    if (key === 'pid') pid = Number.parseInt(value, 10) || 0;
    else if (key === 'client' || key === 'remote') fields[key] = value;
    else break;
    p = close + 1;
  }
  if (line.charCodeAt(p) === 32) p++;
  const inner = state.time.iso(line, p);
  const end = state.time.end;
  if (end >= 0 && line.charCodeAt(end) === 32) {
    const oslo = decodeOslo(line, end + 1, inner, offset, state);
    if (oslo !== null) {
      if (oslo.pid === 0) oslo.pid = pid;
      return oslo;
    }
  }
  const record = new LogRecord(state.source, offset, line.slice(p));
  record.timestamp = time;
  record.level = levelOf(name.slice(colon + 1));
  record.logger = colon < 0 ? '' : name.slice(0, colon);
  record.format = 'apache_error';
  record.pid = pid;
  record.fields = fields;
  return record;
}

import { levelOf } from '../level.js';
import { LogRecord } from '../record.js';
import { digitsAt } from '../timestamp.js';
import { utcTime } from '../timezone.js';
import type { DecodeState } from './state.js';

/**
 * MariaDB and MySQL behind the time: `0 [Note] text`, `140123 [Warning] [MY-010068] [Server] text`, or the level at once. Null for anything
 * else.
 */
export function decodeMariadb(line: string, at: number, timestamp: number, offset: number, state: DecodeState): LogRecord | null {
  let p = at;
  while (digitsAt(line, p, 1) >= 0) p++;
  if (p > at && line.charCodeAt(p) === 32) p++;
  if (line.charCodeAt(p) !== 91) return null;
  const close = line.indexOf('] ', p);
  if (close < 0 || close - p > 12) return null;
  const level = levelOf(line.slice(p + 1, close));
  if (level === '') return null;
  const thread = line.slice(at, Math.max(at, p - 1));
  p = close + 2;
  const record = new LogRecord(state.source, offset, '');
  const fields: Record<string, unknown> = {};
  if (thread !== '') fields['thread'] = thread;
  if (line.startsWith('[MY-', p)) {
    const code = line.indexOf('] [', p);
    const subsystem = code < 0 ? -1 : line.indexOf('] ', code + 3);
    if (subsystem > 0 && subsystem - p < 60) {
      fields['error_code'] = line.slice(p + 1, code);
      record.logger = line.slice(code + 3, subsystem);
      p = subsystem + 2;
    }
  }
  record.message = line.slice(p);
  record.timestamp = timestamp;
  record.level = level;
  record.format = 'mariadb';
  record.fields = fields;
  return record;
}

/** Before MariaDB 10.2: `260302 10:11:12 [Note] text`, and mysqld_safe's `260302 10:11:12 mysqld_safe text`. */
export function decodeOldMariadb(line: string, offset: number, state: DecodeState): LogRecord | null {
  const date = digitsAt(line, 0, 6);
  if (date < 0 || line.charCodeAt(6) !== 32 || line.charCodeAt(9) !== 58 || line.charCodeAt(12) !== 58) return null;
  const hour = line.charCodeAt(7) === 32 ? digitsAt(line, 8, 1) : digitsAt(line, 7, 2);
  const year = 2000 + Math.floor(date / 10_000);
  const utc = utcTime(year, Math.floor(date / 100) % 100, date % 100, hour, digitsAt(line, 10, 2), digitsAt(line, 13, 2));
  const timestamp = state.time.zone.toEpoch(utc);
  const at = line.charCodeAt(15) === 32 ? 16 : 15;
  const levelled = decodeMariadb(line, at, timestamp, offset, state);
  if (levelled !== null) return levelled;
  if (!line.startsWith('mysqld', at)) return null;
  const blank = line.indexOf(' ', at);
  if (blank < 0) return null;
  const record = new LogRecord(state.source, offset, line.slice(blank + 1));
  record.program = line.slice(at, line.charCodeAt(blank - 1) === 58 ? blank - 1 : blank);
  record.timestamp = timestamp;
  record.format = 'mariadb';
  return record;
}

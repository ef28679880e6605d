import { levelOf } from '../level.js';
import { LogRecord } from '../record.js';
import { digitsAt } from '../timestamp.js';
import { emptyExchange, readRequestLine } from './access.js';
import type { DecodeState } from './state.js';

/**
 * HAProxy's traffic lines (`option httplog` and `tcplog`), as they stand behind the syslog tag:
 * `10.0.0.5:43210 [02/Mar/2026:10:11:12.123] frontend backend/server 0/0/1/24/25 200 1893 - - ---- 1/1/0/0/0 0/0 "GET /v3 HTTP/1.1"`.
 * Null for anything else.
 */
export function decodeTraffic(line: string, offset: number, state: DecodeState): LogRecord | null {
  const open = line.indexOf(' [');
  if (open < 3 || open > 60 || digitsAt(line, open - 1, 1) < 0 || line.indexOf(' ') !== open) return null;
  const time = state.time.clf(line, open + 2);
  const close = state.time.end;
  if (close < 0 || line.charCodeAt(close) !== 93) return null;
  const words = line.slice(close + 2, close + 600).split(' ', 6);
  const [frontend = '', backend = '', timers = '', third = '', fourth = ''] = words;
  const slash = backend.indexOf('/');
  if (slash < 0 || !timers.includes('/')) return null;
  const record = new LogRecord(state.source, offset, line);
  const http = emptyExchange();
  const port = line.lastIndexOf(':', open);
  http.clientIp = line.slice(0, port < 0 ? open : port);
  const quote = line.indexOf('"', close);
  const request = quote < 0 ? '' : line.slice(quote + 1, line.endsWith('"') ? -1 : undefined);
  const total = Number(timers.slice(timers.lastIndexOf('/') + 1).replace('+', ''));
  if (readRequestLine(http, request)) {
    http.status = digitsAt(third, 0, 3);
    http.bytes = Math.max(-1, Number.parseInt(fourth, 10) || 0);
    http.duration = total >= 0 ? total / 1000 : -1;
    record.http = http;
  }
  record.timestamp = time;
  record.level = 'INFO';
  record.format = 'haproxy';
  record.fields = { client: line.slice(0, open), frontend, backend: backend.slice(0, slash), server: backend.slice(slash + 1) };
  return record;
}

/** HAProxy's word on its own state: `[WARNING]  (1) : text` or `[WARNING] 060/101112 (1) : text`. */
export function decodeNotice(line: string, offset: number, state: DecodeState): LogRecord | null {
  const close = line.indexOf(']');
  const text = line.indexOf(') : ', close);
  if (close < 0 || close > 10 || text < 0 || text - close > 30) return null;
  const level = levelOf(line.slice(1, close));
  const open = line.lastIndexOf('(', text);
  const pid = Number(line.slice(open + 1, text));
  if (level === '' || open < close || !Number.isInteger(pid)) return null;
  const record = new LogRecord(state.source, offset, line.slice(text + 4));
  record.level = level;
  record.format = 'haproxy';
  record.pid = pid;
  return record;
}

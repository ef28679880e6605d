import { levelOf } from '../level.js';
import { LogRecord } from '../record.js';
import { digitsAt, monthAt } from '../timestamp.js';
import { utcTime } from '../timezone.js';
import type { DecodeState } from './state.js';

/** RabbitMQ 3.7 and later behind the time: `[info] <0.1.0> text`. */
export function decodeRabbit(line: string, at: number, timestamp: number, offset: number, state: DecodeState): LogRecord | null {
  const close = line.indexOf(']', at);
  if (close < 0 || close - at > 12) return null;
  const level = levelOf(line.slice(at + 1, close));
  if (level === '') return null;
  const process = close + 2;
  const end = line.charCodeAt(process) === 60 ? line.indexOf('>', process) : -1;
  if (end < 0 || end - process > 40) return null;
  const record = new LogRecord(state.source, offset, line.slice(line.charCodeAt(end + 1) === 32 ? end + 2 : end + 1));
  record.timestamp = timestamp;
  record.level = level;
  record.format = 'rabbitmq';
  record.fields = { erlang_process: line.slice(process, end + 1) };
  return record;
}

/** RabbitMQ before 3.7: `=INFO REPORT==== 2-Mar-2026::10:11:12 ===`; what was said follows in raw lines, which the joiner adds. */
export function decodeRabbitReport(line: string, offset: number, state: DecodeState): LogRecord | null {
  const report = line.indexOf(' REPORT==== ');
  if (report < 0 || report > 20) return null;
  const level = levelOf(line.slice(1, report));
  if (level === '') return null;
  const time = report + 12;
  const dash = line.charCodeAt(time + 1) === 45 ? 1 : 2;
  const p = time + dash;
  const clock = p + 11;
  if (line.charCodeAt(p) !== 45 || !line.startsWith('::', p + 9)) return null;
  const record = new LogRecord(state.source, offset, '');
  record.timestamp = state.time.zone.toEpoch(
    utcTime(
      digitsAt(line, p + 5, 4),
      monthAt(line, p + 1),
      digitsAt(line, time, dash),
      digitsAt(line, clock, 2),
      digitsAt(line, clock + 3, 2),
      digitsAt(line, clock + 6, 2),
    ),
  );
  record.level = level;
  record.format = 'rabbitmq';
  return record;
}

import { levelOf } from '../level.js';
import { LogRecord } from '../record.js';
import type { DecodeState } from './state.js';

/** libvirt behind the time: `: 1234: error : virNetSocketReadWire:1832 : End of file …`; `at` is the first colon. Null for anything else. */
export function decodeLibvirt(line: string, at: number, timestamp: number, offset: number, state: DecodeState): LogRecord | null {
  const pidEnd = line.indexOf(': ', at + 2);
  const levelEnd = line.indexOf(' : ', pidEnd + 2);
  if (pidEnd < 0 || levelEnd < 0 || levelEnd - pidEnd > 20) return null;
  const level = levelOf(line.slice(pidEnd + 2, levelEnd));
  const pid = Number(line.slice(at + 2, pidEnd));
  if (level === '' || !Number.isInteger(pid)) return null;
  const text = levelEnd + 3;
  const record = new LogRecord(state.source, offset, line.slice(text));
  record.timestamp = timestamp;
  record.level = level;
  record.format = 'libvirt';
  record.pid = pid;
  const place = line.indexOf(' : ', text);
  const colon = place < 0 ? -1 : line.lastIndexOf(':', place - 1);
  if (colon > text && place - text < 200 && !line.slice(text, place).includes(' ')) {
    record.functionName = line.slice(text, colon);
    record.fileLine = Number.parseInt(line.slice(colon + 1, place), 10) || 0;
    record.message = line.slice(place + 3);
  }
  return record;
}

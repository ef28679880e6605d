import { levelOf } from '../level.js';
import { type Level, LogRecord } from '../record.js';
import { digitsAt } from '../timestamp.js';
import type { DecodeState } from './state.js';

const LONGEST_NAME = 100;

/** A warning that Python printed: `/path/file.py:123: DeprecationWarning: text`; the source line follows indented. Null for anything else. */
export function decodeWarning(line: string, offset: number, state: DecodeState): LogRecord | null {
  const py = line.indexOf('.py:');
  if (py < 1) return null;
  let p = py + 4;
  while (digitsAt(line, p, 1) >= 0) p++;
  if (p === py + 4 || p - py > 12 || !line.startsWith(': ', p)) return null;
  const colon = line.indexOf(': ', p + 2);
  const end = colon < 0 ? line.length : colon;
  const category = line.slice(p + 2, Math.min(end, p + LONGEST_NAME));
  if (!category.endsWith('Warning') || category.includes(' ')) return null;
  const record = new LogRecord(state.source, offset, colon < 0 ? '' : line.slice(colon + 2));
  record.level = 'WARNING';
  record.logger = 'py.warnings';
  record.format = 'python';
  record.filePath = line.slice(0, py + 3);
  record.fileLine = digitsAt(line, py + 4, p - py - 4);
  record.error = { type: category, message: record.message, stackTrace: '' };
  return record;
}

/** The heading of an oslo.reports report (`====   Guru Meditation   ====`); its many lines follow. The notice of its signals is one line. */
export function decodeGuru(line: string, offset: number, state: DecodeState): LogRecord | null {
  const heading = line.startsWith('====') && line.includes(' Guru Meditation ') && line.endsWith('====');
  if (!heading && !line.startsWith('Guru meditation ')) return null;
  const record = new LogRecord(state.source, offset, heading ? 'Guru Meditation' : line);
  record.level = 'INFO';
  record.format = 'python';
  return record;
}

/** The shell's trace (`set -x`) of DevStack's scripts: `+ command`, one plus for each level of nesting. */
export function decodeShell(line: string, offset: number, state: DecodeState): LogRecord | null {
  let p = 1;
  while (line.charCodeAt(p) === 43 && p < 12) p++;
  if (line.charCodeAt(p) !== 32) return null;
  const record = new LogRecord(state.source, offset, line.slice(p + 1));
  record.level = 'DEBUG';
  record.format = 'shell';
  return record;
}

/**
 * Simple texts of scripts and of Python's own logging behind the time: `pinger DEBUG text`, `- name - LEVEL - text`, `name: LEVEL: text`.
 * Null where the second word is no level.
 */
export function decodeNamed(line: string, at: number, timestamp: number, offset: number, state: DecodeState): LogRecord | null {
  const dashed = line.startsWith('- ', at);
  const begin = dashed ? at + 2 : at;
  const nameEnd = line.indexOf(' ', begin);
  if (nameEnd < 0 || nameEnd - begin > LONGEST_NAME) return null;
  const word = dashed && line.startsWith(' - ', nameEnd) ? nameEnd + 3 : nameEnd + 1;
  const blank = line.indexOf(' ', word);
  const wordEnd = blank < 0 ? line.length : blank;
  if (wordEnd - word > 10) return null;
  const written = line.charCodeAt(wordEnd - 1) === 58 ? wordEnd - 1 : wordEnd;
  const level: Level = levelOf(line.slice(word, written));
  if (level === '' || line.slice(word, written) !== line.slice(word, written).toUpperCase()) return null;
  const text = line.startsWith(' - ', wordEnd) ? wordEnd + 3 : Math.min(wordEnd + 1, line.length);
  const record = new LogRecord(state.source, offset, line.slice(text));
  record.timestamp = timestamp;
  record.level = level;
  record.logger = state.names.get(line, begin, line.charCodeAt(nameEnd - 1) === 58 ? nameEnd - 1 : nameEnd);
  record.format = 'python';
  return record;
}

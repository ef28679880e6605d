import { createColors } from 'picocolors';
import { type Level, type LogRecord, UNCLASSIFIED } from '../record.js';

type Colors = ReturnType<typeof createColors>;

/** One record for a person at a terminal, without a line end; in colours where `color` says so. */
export function pretty(record: LogRecord, color: boolean): string {
  const colors = createColors(color);
  const time = Number.isNaN(record.timestamp) ? '-'.repeat(23) : new Date(record.timestamp).toISOString().replace('T', ' ').slice(0, 23);
  const label = record.label === UNCLASSIFIED ? colors.dim(record.label.padEnd(26)) : colors.cyan(record.label.padEnd(26));
  const origin = record.logger === '' ? record.program : record.logger;
  const level = levelColor(record.level, colors)((record.level || '-').padEnd(8));
  return `${colors.dim(time)} ${level} ${label} ${colors.bold(harmless(origin))} ${harmless(record.message)}${lines(record)}`;
}

function lines(record: LogRecord): string {
  const trace = record.error?.stackTrace ?? '';
  if (trace === '') return '';
  return `  (+ traceback of ${trace.split('\n').length} lines)`;
}

function levelColor(level: Level, colors: Colors): (text: string) => string {
  if (level === 'ERROR' || level === 'CRITICAL') return colors.red;
  return level === 'WARNING' ? colors.yellow : colors.green;
}

/** Log text must not steer the terminal: newlines become ⏎, other control characters their code. */
export function harmless(text: string): string {
  return text.replace(/[\u0000-\u001f\u007f-\u009f\u202a-\u202e\u2066-\u2069]/g, (char) =>
    char === '\n' ? ' ⏎ ' : `\\x${char.charCodeAt(0).toString(16).padStart(2, '0')}`,
  );
}

import { errorOfTraceback, mergeErrors } from '../exception.js';
import type { LogRecord } from '../record.js';
import { decodeOslo } from './oslo.js';
import type { DecodeState } from './state.js';

/**
 * Several lines that came as one (kolla's multi-line Payload, a newline that syslog escaped): the lines after the record's first. Those of a
 * traceback, each with oslo.log's prefix, become its stack trace; the others continue the message.
 */
export function addLines(record: LogRecord, lines: readonly string[], state: DecodeState): void {
  const trace: string[] = [];
  const text: string[] = [];
  for (const line of lines) {
    const time = state.time.iso(line, 0);
    const end = state.time.end;
    const prefixed = end >= 0 && line.charCodeAt(end) === 32 ? decodeOslo(line, end + 1, time, record.offset, state) : null;
    if (prefixed === null) text.push(line);
    else if (state.traceback) trace.push(prefixed.message);
    else text.push(line);
    state.traceback = false;
  }
  if (text.length > 0) record.message = [record.message, ...text].join('\n').trimEnd();
  if (trace.length > 0) record.error = mergeErrors(record.error, errorOfTraceback(trace.join('\n').trimEnd()));
}

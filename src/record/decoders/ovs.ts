import { levelOf } from '../level.js';
import { LogRecord } from '../record.js';
import type { DecodeState } from './state.js';

/**
 * Open vSwitch and OVN behind the time: `|00012|connmgr(handler3)|INFO|text`; `at` is the first bar. In syslog `ovs|00012|…` stands in its
 * place. Null for anything else.
 */
export function decodeOvs(line: string, at: number, timestamp: number, offset: number, state: DecodeState): LogRecord | null {
  const number = line.indexOf('|', at + 1);
  const module = line.indexOf('|', number + 1);
  const level = line.indexOf('|', module + 1);
  if (number < 0 || module < 0 || level < 0 || number - at > 12 || module - number > 100) return null;
  const record = new LogRecord(state.source, offset, line.slice(level + 1));
  record.level = levelOf(line.slice(module + 1, level));
  if (record.level === '') return null;
  const name = line.slice(number + 1, module);
  const thread = name.indexOf('(');
  record.timestamp = timestamp;
  record.logger = thread > 0 ? name.slice(0, thread) : state.names.get(line, number + 1, module);
  record.format = 'ovs';
  if (thread > 0) record.fields = { thread: name.slice(thread + 1, name.endsWith(')') ? -1 : undefined) };
  return record;
}

import type { LogRecord } from '../record.js';
import { type DecodeState, type LineDecoder, unwrap } from './state.js';

const LONGEST_NAME = 200;
/** What docker compose puts behind a service's name. */
const REPLICA = /[-_]\d{1,4}$/;

/**
 * Kubernetes' and containerd's CRI form behind the time: `stdout F <line>`. Returns the position of the line; -1 where there is none.
 */
export function criText(line: string, at: number): number {
  if (!line.startsWith('stdout ', at) && !line.startsWith('stderr ', at)) return -1;
  const tag = line.charCodeAt(at + 7);
  return (tag === 70 || tag === 80) && line.charCodeAt(at + 8) === 32 ? at + 9 : -1;
}

/**
 * A line behind the name of the file from which somebody collected it (`nova-api.log.1.2017-05-16_13:53:08 2017-05-16 …`): the line is
 * decoded and the name gives the program. Null for anything else.
 */
export function decodeNamedFile(line: string, offset: number, state: DecodeState, inner: LineDecoder): LogRecord | null {
  const blank = line.indexOf(' ');
  if (blank < 5 || blank > LONGEST_NAME) return null;
  const end = line.lastIndexOf('.log', blank);
  if (end < 1) return null;
  const next = line.charCodeAt(end + 4);
  const digit = line.charCodeAt(blank + 1);
  if ((next !== 46 && next !== 32 && next !== 58 && next !== 45) || !(digit >= 48 && digit <= 57)) return null;
  const record = unwrap(line.slice(blank + 1), offset, state, inner);
  if (record === null) return null;
  record.program = line.slice(line.lastIndexOf('/', end) + 1, end);
  return record;
}

/**
 * A line behind the name of the process or container that wrote it: supervisor's `nova-compute stdout | 2026-03-02 …`, docker compose's
 * `nova_compute_1  | 2026-03-02 …`. The line is decoded, and the name is the program where the line says no other. Null for anything else.
 */
export function decodeSupervised(line: string, offset: number, state: DecodeState, inner: LineDecoder): LogRecord | null {
  const bar = line.indexOf(' | ');
  if (bar < 1 || bar > LONGEST_NAME) return null;
  const blank = line.indexOf(' ');
  const channel = line.slice(blank, bar).trim();
  if (channel !== '' && channel !== 'stdout' && channel !== 'stderr') return null;
  const record = unwrap(line.slice(bar + 3), offset, state, inner);
  if (record === null) return null;
  const name = line.slice(0, blank);
  if (record.program === state.source.program) record.program = channel === '' ? name.replace(REPLICA, '') : name;
  return record;
}

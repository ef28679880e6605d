import { levelOfSeverity } from '../level.js';
import { LogRecord } from '../record.js';
import { readAccess } from './access.js';
import { stripAnsi } from './ansi.js';
import { decodeTraffic } from './haproxy.js';
import { addLines } from './lines-in-one.js';
import { decodeLevelled, decodeOslo } from './oslo.js';
import { opensContext } from './oslo-context.js';
import { decodeOvs } from './ovs.js';
import type { DecodeState } from './state.js';
import { decodeSwift, isSwiftProgram } from './swift.js';

const SPACE = 32;
const LONGEST_TAG = 80;

/** `<PRI>` at the beginning: its value and where it ends; value -1 and end 0 without one. */
function priority(line: string): { value: number; end: number } {
  if (line.charCodeAt(0) !== 60) return { value: -1, end: 0 };
  const close = line.indexOf('>');
  const value = close > 1 && close < 5 ? Number(line.slice(1, close)) : Number.NaN;
  return Number.isInteger(value) && value >= 0 && value < 192 ? { value, end: close + 1 } : { value: -1, end: 0 };
}

/**
 * Syslog as files and the wire have it: RFC 3164 (`Mar  2 10:11:12 host tag[pid]: text`), the same with an ISO time (rsyslog's file format,
 * journalctl's short-iso), RFC 5424; each with or without `<PRI>`. Where the text is a line of another known form it is decoded as that, and
 * keeps program and host of the envelope. Null for anything else.
 */
export function decodeSyslog(line: string, offset: number, state: DecodeState): LogRecord | null {
  const { value, end } = priority(line);
  if (end > 0 && line.startsWith('1 ', end)) return decodeRfc5424(line, end + 2, value, offset, state);
  const code = line.charCodeAt(end);
  const time = code >= 48 && code <= 57 ? state.time.iso(line, end) : state.time.rfc3164(line, end);
  const host = state.time.end + 1;
  if (host === 0 || line.charCodeAt(host - 1) !== SPACE) return null;
  const tag = line.indexOf(' ', host) + 1;
  if (tag === 0) return null;
  return decodeTagged(line, tag, time, line.slice(host, tag - 1), value, offset, state);
}

/** `tag[pid]: text` from `at` on. Null where there is no tag. */
export function decodeTagged(
  line: string,
  at: number,
  time: number,
  host: string,
  pri: number,
  offset: number,
  state: DecodeState,
): LogRecord | null {
  const window = line.slice(at, at + LONGEST_TAG);
  const colon =
    window.indexOf(': ') >= 0 ? window.indexOf(': ') : window.endsWith(':') && line.length <= at + LONGEST_TAG ? window.length - 1 : -1;
  if (colon < 1) return null;
  const tag = window.slice(0, colon);
  const open = tag.endsWith(']') ? tag.lastIndexOf('[') : -1;
  const program = open > 0 ? tag.slice(0, open) : tag;
  // "kernel", "CRON", "50-motd-news", "(systemd)": one word; more of them are text.
  if (program.includes(' ') && !program.startsWith('(')) return null;
  const pid = open > 0 ? Number.parseInt(tag.slice(open + 1), 10) || 0 : 0;
  return decodeText(line.slice(at + colon + 2), time, host, program, pid, pri, offset, state);
}

function decodeText(
  escaped: string,
  time: number,
  host: string,
  program: string,
  pid: number,
  pri: number,
  offset: number,
  state: DecodeState,
): LogRecord {
  const lines = (escaped.includes('#0') ? unescapeControls(escaped) : escaped).split('\n');
  const text = lines[0] ?? '';
  const record = decodeInner(text, time, program, offset, state) ?? plain(state, offset, text);
  if (program === 'kernel') takeUptime(record);
  if (record.format === 'syslog') record.pid = pid;
  else if (record.pid === 0) record.pid = pid;
  if (Number.isNaN(record.timestamp)) record.timestamp = time;
  if (record.level === '' && pri >= 0) record.level = levelOfSeverity(pri & 7);
  // DevStack's units are devstack@n-api.service.
  record.program = program.startsWith('devstack@') ? program.slice(9).replace(/\.service$/, '') : program;
  record.host = host;
  if (lines.length > 1) {
    const traced = state.traceback;
    addLines(record, lines.slice(1), state);
    state.traceback = traced && record.error === null;
  }
  return record;
}

/** The kernel's own clock, `[ 5749.217748] `, is no part of what it says. */
function takeUptime(record: LogRecord): void {
  const close = record.message.startsWith('[') ? record.message.indexOf('] ') : -1;
  const uptime = close > 0 && close < 20 ? Number(record.message.slice(1, close)) : Number.NaN;
  if (!Number.isFinite(uptime)) return;
  record.fields = { uptime_s: uptime };
  record.message = record.message.slice(close + 2);
}

function plain(state: DecodeState, offset: number, text: string): LogRecord {
  const record = new LogRecord(state.source, offset, text);
  record.format = 'syslog';
  return record;
}

function decodeInner(text: string, time: number, program: string, offset: number, state: DecodeState): LogRecord | null {
  if (isSwiftProgram(program)) return decodeSwift(text, offset, state);
  const first = text.charCodeAt(0);
  if (first >= 48 && first <= 57) {
    const inner = state.time.iso(text, 0);
    const end = state.time.end;
    if (end >= 0 && text.charCodeAt(end) === SPACE) {
      const oslo = decodeOslo(text, end + 1, inner, offset, state);
      if (oslo !== null) return oslo;
    }
    if (end >= 0 && text.charCodeAt(end) === 124) return decodeOvs(text, end, inner, offset, state);
  }
  if (text.startsWith('ovs|')) return decodeOvs(text, 3, time, offset, state);
  if (program === 'haproxy') {
    const record = decodeTraffic(text, offset, state) ?? plain(state, offset, text);
    record.format = 'haproxy';
    return record;
  }
  if (first >= 65 && first <= 87) {
    const oslo = decodeHeadless(text, time, program.startsWith('devstack@'), offset, state);
    if (oslo !== null) return oslo;
  }
  const http = text.includes('"') ? readAccess(text) : null;
  if (http === null) return null;
  const record = new LogRecord(state.source, offset, text);
  record.level = 'INFO';
  record.format = 'access';
  record.http = http;
  return record;
}

/** oslo without its time: `INFO nova.compute.manager [None req-… project user] text`. Outside DevStack the bracket must be there. */
export function decodeHeadless(text: string, time: number, devstack: boolean, offset: number, state: DecodeState): LogRecord | null {
  const logger = text.indexOf(' ') + 1;
  const bracket = text.indexOf(' ', logger) + 1;
  const bracketed = bracket > 0 && text.charCodeAt(bracket) === 91 && opensContext(text, bracket);
  if (!bracketed && !devstack) return null;
  return decodeLevelled(text, 0, time, 0, true, offset, state);
}

/** RFC 5424 behind the version: `time host app procid msgid [structured data] text`. */
function decodeRfc5424(line: string, at: number, pri: number, offset: number, state: DecodeState): LogRecord | null {
  const time = state.time.iso(line, at);
  let p = state.time.end;
  if (p < 0) {
    if (!line.startsWith('- ', at)) return null;
    p = at + 1;
  }
  const words: string[] = [];
  for (p++; words.length < 4; ) {
    const blank = line.indexOf(' ', p);
    if (blank < 0) return null;
    words.push(line.slice(p, blank) === '-' ? '' : line.slice(p, blank));
    p = blank + 1;
  }
  const [host = '', program = '', process = '', messageId = ''] = words;
  const data = line.charCodeAt(p) === 91 ? dataEnd(line, p) : p + 1;
  const text = line.slice(line.charCodeAt(data) === SPACE ? data + 1 : data).replace(/^\ufeff/, '');
  const record = decodeText(text, time, host, program, Number.parseInt(process, 10) || 0, pri, offset, state);
  if (data > p + 1 || messageId !== '') {
    record.fields = { ...record.fields };
    if (data > p + 1) record.fields['structured_data'] = line.slice(p, data);
    if (messageId !== '') record.fields['message_id'] = messageId;
  }
  return record;
}

/** End of the structured data's elements; a bracket inside a quoted value does not count. */
function dataEnd(line: string, at: number): number {
  let quoted = false;
  for (let p = at; p < line.length; p++) {
    const code = line.charCodeAt(p);
    if (code === 92) p++;
    else if (code === 34) quoted = !quoted;
    else if (code === 93 && !quoted && line.charCodeAt(p + 1) !== 91) return p + 1;
  }
  return line.length;
}

/** rsyslog writes control characters as `#` and three octal digits. */
function unescapeControls(text: string): string {
  return stripAnsi(text.replaceAll('#012', '\n').replaceAll('#011', '\t').replaceAll('#033', '\x1b'));
}

import { LogRecord } from '../record.js';
import { digitsAt } from '../timestamp.js';
import { emptyExchange, readAccess } from './access.js';
import { requestOnly } from './oslo-context.js';
import type { DecodeState } from './state.js';

const SERVERS = new Set(['proxy', 'object', 'container', 'account']);
const TASKS = new Set([
  'server',
  'replicator',
  'auditor',
  'updater',
  'reconstructor',
  'expirer',
  'reaper',
  'sync',
  'sharder',
  'relinker',
  'reconciler',
]);
const LEVELS = [
  ['ERROR', 'ERROR'],
  ['CRITICAL', 'CRITICAL'],
  ['WARNING', 'WARNING'],
] as const;

/** Whether a syslog tag is one of Swift's servers and daemons: `proxy-server`, `object-replicator`, `swift`, `swift-…`. */
export function isSwiftProgram(program: string): boolean {
  if (program.startsWith('swift')) return true;
  const dash = program.indexOf('-');
  return dash > 0 && SERVERS.has(program.slice(0, dash)) && TASKS.has(program.slice(dash + 1));
}

/**
 * What Swift's servers say (SwiftLogFormatter): access lines of the proxy and of the storage servers, else text with ` (txn: …)` and
 * ` (client_ip: …)` at its end, which are taken into the record and off the message. The level is only in syslog's priority, so without that
 * a text is taken at its own word.
 */
export function decodeSwift(text: string, offset: number, state: DecodeState): LogRecord {
  const access = decodeProxyAccess(text, offset, state) ?? decodeStorageAccess(text, offset, state);
  if (access !== null) return access;
  const record = new LogRecord(state.source, offset, text);
  record.format = 'swift';
  const fields: Record<string, unknown> = {};
  const client = takeSuffix(record, ' (client_ip: ');
  if (client !== '') fields['client_ip'] = client;
  const transaction = takeSuffix(record, ' (txn: ');
  if (transaction !== '') record.context = requestOnly(transaction);
  if (client !== '') record.fields = fields;
  for (const [word, level] of LEVELS) if (text.startsWith(word)) record.level = level;
  return record;
}

/** Cuts `<label>…)` off the end of the message and returns what stood in it. */
function takeSuffix(record: LogRecord, label: string): string {
  const { message } = record;
  if (!message.endsWith(')')) return '';
  const at = message.lastIndexOf(label);
  if (at < 0 || message.indexOf(')', at) !== message.length - 1) return '';
  record.message = message.slice(0, at);
  return message.slice(at + label.length, -1);
}

function unquoted(value: string): string {
  if (value === '-') return '';
  if (!value.includes('%')) return value;
  try {
    return decodeURIComponent(value);
  } catch {
    return value;
  }
}

/** Storage servers: `10.0.1.7 - - [02/Mar/2026:10:11:12 +0000] "PUT /sdb1/…" 201 - "referer" "txn" "user agent" 0.0012 "-" 1234 0`. */
export function decodeStorageAccess(text: string, offset: number, state: DecodeState): LogRecord | null {
  const request = text.indexOf(' "');
  if (request < 0 || request > 300 || text.charCodeAt(request - 1) !== 93) return null;
  const http = readAccess(text);
  if (http === null || http.version !== '') return null;
  const status = text.indexOf('" ', request + 2);
  const quoted: string[] = [];
  let p = status + 2;
  while (quoted.length < 3) {
    const open = text.indexOf('"', p);
    const close = open < 0 ? -1 : text.indexOf('"', open + 1);
    if (close < 0) return null;
    quoted.push(unquoted(text.slice(open + 1, close)));
    p = close + 1;
  }
  const [referrer = '', transaction = '', userAgent = ''] = quoted;
  const rest = text.slice(p + 1);
  const seconds = Number.parseFloat(rest);
  const additional = rest.lastIndexOf('" ');
  if (Number.isNaN(seconds) || additional < 0) return null;
  const record = new LogRecord(state.source, offset, text);
  record.timestamp = state.time.clf(text, text.indexOf('[') + 1);
  record.level = 'INFO';
  record.format = 'swift';
  record.pid = Number.parseInt(rest.slice(additional + 2), 10) || 0;
  record.context = requestOnly(transaction);
  record.http = { ...http, duration: seconds, userAgent, referrer };
  return record;
}

/** The proxy's access line (`proxy-logging`): 20 and more columns, the third a UTC time such as `02/Mar/2026/10/11/12`, quoted as in a URL. */
export function decodeProxyAccess(text: string, offset: number, state: DecodeState): LogRecord | null {
  const first = text.indexOf(' ');
  const second = text.indexOf(' ', first + 1);
  if (first < 0 || second < 0 || second > 120 || text.charCodeAt(second + 12) !== 47 || digitsAt(text, second + 13, 2) < 0) return null;
  const time = state.time.clf(text, second + 1, true);
  if (state.time.end < 0) return null;
  const columns = text.slice(second + 1).split(' ', 24);
  if (columns.length < 12) return null;
  const [
    ,
    method = '',
    path = '',
    protocol = '',
    status = '',
    referrer = '',
    userAgent = '',
    ,
    ,
    sent = '',
    ,
    transaction = '',
    ,
    seconds = '',
  ] = columns;
  const record = new LogRecord(state.source, offset, text);
  record.timestamp = time;
  record.level = 'INFO';
  record.format = 'swift';
  record.context = requestOnly(unquoted(transaction));
  record.http = {
    ...emptyExchange(),
    clientIp: unquoted(text.slice(0, first)),
    method: unquoted(method),
    path: unquoted(path),
    version: protocol.startsWith('HTTP/') ? protocol.slice(5) : '',
    status: digitsAt(status, 0, 3),
    bytes: sent === '-' ? -1 : Number.parseInt(sent, 10) || 0,
    duration: Number.isNaN(Number.parseFloat(seconds)) ? -1 : Number.parseFloat(seconds),
    userAgent: unquoted(userAgent),
    referrer: unquoted(referrer),
  };
  return record;
}

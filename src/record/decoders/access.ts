import { type HttpExchange, LogRecord } from '../record.js';
import { digitsAt } from '../timestamp.js';
import type { DecodeState } from './state.js';

const SPACE = 32;
const QUOTE = 34;
/** Where the request line begins at the latest: addresses of a few proxies, user, time. */
const LONGEST_HEAD = 300;
const METHOD = /^[A-Z]{3,10}$/;
/** Up to here a number and the power of ten that divides it are exact. */
const EXACT_DIGITS = 15;

export function emptyExchange(): HttpExchange {
  return { clientIp: '', method: '', path: '', version: '', status: -1, bytes: -1, duration: -1, userAgent: '', referrer: '' };
}

/** The path of a request's target; where that is a whole URL, as proxies and cinder have it, without scheme and host. */
function pathOf(target: string): string {
  if (!target.startsWith('http://') && !target.startsWith('https://')) return target;
  const slash = target.indexOf('/', 8);
  return slash < 0 ? '/' : target.slice(slash);
}

/** Fills method, path and version from `GET /v3 HTTP/1.1` (the version may be missing); false where it is no request line. */
export function readRequestLine(http: HttpExchange, text: string): boolean {
  const first = text.indexOf(' ');
  if (first < 3 || first > 10) return false;
  const method = text.slice(0, first);
  if (!METHOD.test(method)) return false;
  const last = text.lastIndexOf(' ');
  const versioned = last > first && text.startsWith('HTTP/', last + 1);
  http.method = method;
  http.path = pathOf(text.slice(first + 1, versioned ? last : text.length));
  http.version = versioned ? text.slice(last + 6) : '';
  return true;
}

/** A decimal number that fills `text` from `at` to the next blank; -1 for `-` and anything else. */
function numberAt(text: string, at: number): number {
  let number = 0;
  let divisor = 0;
  for (let i = at; i < at + EXACT_DIGITS; i++) {
    const code = text.charCodeAt(i);
    if (code >= 48 && code <= 57) {
      number = number * 10 + code - 48;
      divisor *= 10;
    } else if (code === 46 && divisor === 0 && i > at) divisor = 1;
    // NaN at the end of the text.
    else if (code === SPACE || Number.isNaN(code)) return i === at ? -1 : divisor > 1 ? number / divisor : number;
    else break;
  }
  return longNumberAt(text, at);
}

/** As {@link numberAt}, for what has more digits than can be read exactly, or other signs than digits. */
function longNumberAt(text: string, at: number): number {
  if (digitsAt(text, at, 1) < 0) return -1;
  const blank = text.indexOf(' ', at);
  const number = Number(text.slice(at, blank < 0 ? text.length : Math.min(blank, at + 24)));
  return Number.isFinite(number) ? number : -1;
}

/** The number behind `label` at or behind `at`; -1 where there is none. */
function labelled(text: string, label: string, at: number): number {
  const found = text.indexOf(label, at);
  if (found < 0) return -1;
  return numberAt(text, found + label.length + (text.charCodeAt(found + label.length) === SPACE ? 1 : 0));
}

function isAddress(text: string): boolean {
  for (let i = 0; i < text.length; i++) {
    const code = text.charCodeAt(i);
    const hex = (code >= 48 && code <= 58) || (code >= 97 && code <= 102) || (code >= 65 && code <= 70);
    if (!hex && code !== 46 && code !== 44 && code !== 37) return false;
  }
  return text.length > 1 && (text.includes('.') || text.includes(':'));
}

/** Position of the quote that ends the text begun before `at`; a quote behind a backslash does not. */
function closingQuote(text: string, at: number): number {
  let quote = text.indexOf('"', at);
  while (quote > at && text.charCodeAt(quote - 1) === 92) quote = text.indexOf('"', quote + 1);
  return quote;
}

/**
 * `<client>[ - -][ [time]] "<request line>" …` and then
 * eventlet's and nova's `status: 200  len: 1893 [microversion: 2.96 ]time: 0.2477829`, or the common log format's
 * `200 1893[ <seconds or microseconds>][ "<referrer>" "<user agent>"[ …]]`. Null for anything else.
 */
export function readAccess(text: string): HttpExchange | null {
  const head = text.length > LONGEST_HEAD ? text.slice(0, LONGEST_HEAD) : text;
  const quote = head.indexOf('"');
  if (quote < 1 || text.charCodeAt(quote - 1) !== SPACE) return null;
  let clientEnd = head.indexOf(' ');
  if (text.charCodeAt(clientEnd - 1) === 58 && clientEnd === quote - 1) clientEnd--;
  const client = head.slice(0, clientEnd);
  if (client !== '-' && !isAddress(client)) return null;
  const requestEnd = closingQuote(text, quote + 1);
  if (requestEnd < 0) return null;
  const http = emptyExchange();
  if (!readRequestLine(http, text.slice(quote + 1, requestEnd)) && text.charCodeAt(quote + 1) !== 45) return null;
  // Proxies append themselves: the first is who asked.
  const comma = client.indexOf(',');
  http.clientIp = client === '-' ? '' : comma < 0 ? client : client.slice(0, comma);
  const p = requestEnd + 2;
  if (text.startsWith('status: ', p)) {
    http.status = numberAt(text, p + 8);
    http.bytes = labelled(text, ' len:', p);
    http.duration = labelled(text, ' time:', p);
    return http;
  }
  http.status = digitsAt(text, p, 3);
  if (http.status < 0) return null;
  readAfterStatus(http, text, p + 4);
  return http;
}

function readAfterStatus(http: HttpExchange, text: string, at: number): void {
  http.bytes = numberAt(text, at);
  const blank = text.indexOf(' ', at);
  if (blank < 0) return;
  let p = blank + 1;
  if (text.charCodeAt(p) !== QUOTE) {
    const number = numberAt(text, p);
    const next = text.indexOf(' ', p);
    // Whole numbers are Apache's %D, microseconds; eventlet's are seconds with a fraction.
    const whole = !text.slice(p, next < 0 ? text.length : next).includes('.');
    http.duration = number < 0 ? -1 : whole ? number / 1e6 : number;
    if (next < 0) return;
    p = next + 1;
  }
  if (text.charCodeAt(p) !== QUOTE) return;
  const referrerEnd = closingQuote(text, p + 1);
  if (referrerEnd < 0) return;
  http.referrer = text.slice(p + 1, referrerEnd).replace(/^-$/, '');
  p = referrerEnd + 2;
  const agentEnd = text.charCodeAt(p) === QUOTE ? closingQuote(text, p + 1) : -1;
  if (agentEnd > 0) http.userAgent = text.slice(p + 1, agentEnd).replace(/^-$/, '');
}

/** The exchange that an oslo message reports; null for other messages. */
export function exchangeInMessage(message: string, logger: string): HttpExchange | null {
  const access = readAccess(message);
  if (access !== null || !logger.endsWith('wsgi')) return access;
  // cinder: `GET https://host:8776/v3/…`, later `https://… returned with HTTP 200`.
  const http = emptyExchange();
  const returned = message.lastIndexOf(' returned with HTTP ');
  if (returned > 0) {
    http.path = pathOf(message.slice(0, returned));
    http.status = digitsAt(message, returned + 20, 3);
    return http.status < 0 ? null : http;
  }
  return (message.includes('://') || message.includes(' /')) && message.length < 4096 && readRequestLine(http, message) ? http : null;
}

/** Access lines that stand for themselves: Apache's common and combined forms, eventlet's, neutron's. */
export function decodeAccess(line: string, offset: number, state: DecodeState): LogRecord | null {
  const http = readAccess(line);
  if (http === null) return null;
  const record = new LogRecord(state.source, offset, line);
  const bracket = line.indexOf('[');
  if (bracket > 0 && bracket < LONGEST_HEAD) record.timestamp = state.time.clf(line, bracket + 1);
  record.level = 'INFO';
  record.format = 'access';
  record.http = http;
  return record;
}

/** uWSGI: `[pid: 19|app: 0|req: 41/82] 10.0.0.5 () {62 vars in 1244 bytes} [Mon Mar  2 10:11:12 2026] GET /v3 => generated 1893 bytes in 24 msecs (HTTP/1.1 200) …`. */
export function decodeUwsgi(line: string, offset: number, state: DecodeState): LogRecord | null {
  const idEnd = line.indexOf('] ');
  const time = line.indexOf(' [', idEnd);
  const timeEnd = line.indexOf('] ', time);
  if (idEnd < 0 || time < 0 || timeEnd < 0) return null;
  const record = new LogRecord(state.source, offset, line);
  record.timestamp = state.time.asctime(line, time + 2);
  const arrow = line.indexOf(' => generated ', timeEnd);
  const http = emptyExchange();
  if (state.time.end !== timeEnd || arrow < 0 || !readRequestLine(http, line.slice(timeEnd + 2, arrow))) return null;
  const clientEnd = line.indexOf(' ', idEnd + 2);
  http.clientIp = line.slice(idEnd + 2, clientEnd);
  http.bytes = numberAt(line, arrow + 14);
  const milliseconds = labelled(line, ' bytes in ', arrow);
  http.duration = milliseconds < 0 ? -1 : milliseconds / 1000;
  const version = line.indexOf('(HTTP/', arrow);
  if (version > 0) {
    const blank = line.indexOf(' ', version);
    http.version = line.slice(version + 6, blank);
    http.status = digitsAt(line, blank + 1, 3);
  }
  record.pid = Math.max(0, numberAt(line.slice(0, idEnd).replace('|', ' '), 6));
  record.level = 'INFO';
  record.format = 'access';
  record.http = http;
  return record;
}

import { decodeAccess, decodeUwsgi } from './decoders/access.js';
import { stripAnsi } from './decoders/ansi.js';
import { decodeApacheError } from './decoders/apache-error.js';
import { decodeNotice, decodeTraffic } from './decoders/haproxy.js';
import { decodeJson } from './decoders/json.js';
import { decodeLibvirt } from './decoders/libvirt.js';
import { addLines } from './decoders/lines-in-one.js';
import { decodeMariadb, decodeOldMariadb } from './decoders/mariadb.js';
import { decodeOslo } from './decoders/oslo.js';
import { identityOf } from './decoders/oslo-context.js';
import { decodeOvs } from './decoders/ovs.js';
import { decodeGuru, decodeNamed, decodeShell, decodeWarning } from './decoders/python.js';
import { decodeRabbit, decodeRabbitReport } from './decoders/rabbitmq.js';
import { type DecodeState, type LineDecoder, unwrap } from './decoders/state.js';
import { decodeProxyAccess, decodeStorageAccess, decodeSwift } from './decoders/swift.js';
import { decodeHeadless, decodeSyslog, decodeTagged } from './decoders/syslog.js';
import { criText, decodeNamedFile, decodeSupervised } from './decoders/wrapping.js';
import { errorOfTraceback, TRACEBACK } from './exception.js';
import { dropImplausible } from './plausible.js';
import { LogRecord } from './record.js';
import type { Source } from './source.js';
import { TextCache } from './text-cache.js';
import { digitsAt, TimestampReader } from './timestamp.js';

const SPACE = 32;
/** Loggers that a file is likely to name, and what is no name any more. */
const NAMES_KEPT = 512;
const LONGEST_NAME = 255;
/** Users of a cloud that ask about the same time; six uuids with their blanks. */
const IDENTITIES_KEPT = 4096;
const LONGEST_IDENTITY = 240;

/** Decodes the lines of one source, one by one. */
export class Decoder {
  readonly #state: DecodeState;
  readonly #decode: LineDecoder;

  /**
   * @param source its `format` pins one decoder, or says `auto`
   * @param now milliseconds since the epoch, for timestamps without a year
   */
  constructor(
    readonly source: Source,
    now: () => number = Date.now,
  ) {
    this.#state = {
      source,
      time: new TimestampReader(source.timezone, now),
      names: new TextCache(NAMES_KEPT, LONGEST_NAME, (name) => name),
      identities: new TextCache(IDENTITIES_KEPT, LONGEST_IDENTITY, identityOf),
      traceback: false,
      depth: 0,
    };
    this.#decode = PINNED.get(source.format) ?? decodeAny;
  }

  /**
   * The line that was decoded last has the form of a traceback's: oslo.log's exception prefix (`ERROR`, or `TRACE` in old releases, and no
   * bracket of a context). It belongs to the record before it if time, process and logger are the same.
   */
  get traceback(): boolean {
    return this.#state.traceback;
  }

  /**
   * One line as a record, or null where the line is of no known form: it continues what stands before it, or is a record of its own (`raw`).
   * Never throws; takes time in proportion to the line.
   */
  decode(line: string, offset: number): LogRecord | null {
    this.#state.traceback = false;
    this.#state.depth = 0;
    const record = this.#decode(line.includes('\x1b') ? stripAnsi(line) : line, offset, this.#state);
    if (record !== null) dropImplausible(record);
    return record;
  }

  /** As {@link decode}, of a text with newlines that is one record: its first line says what it is, the others continue it. */
  decodeWhole(text: string, offset: number): LogRecord | null {
    const end = text.indexOf('\n');
    if (end < 0) return this.decode(text, offset);
    const record = this.decode(text.slice(0, end), offset);
    if (record === null) return null;
    const { traceback } = this;
    addLines(record, text.slice(end + 1).split('\n'), this.#state);
    this.#state.traceback = traceback;
    const at = record.error === null ? record.message.indexOf(`\n${TRACEBACK}`) : -1;
    if (at >= 0) record.error = errorOfTraceback(record.message.slice(at + 1));
    return record;
  }
}

/** Recognises a line by its first characters. */
function decodeAny(line: string, offset: number, state: DecodeState): LogRecord | null {
  const first = line.charCodeAt(0);
  if (first >= 48 && first <= 57) return decodeDated(line, offset, state) ?? decodeDigits(line, offset, state);
  if ((first >= 65 && first <= 90) || (first >= 97 && first <= 122)) return decodeLetters(line, offset, state);
  switch (first) {
    case 123: // {
      return decodeJson(line, offset, state, decodeAny);
    case 91: // [
      if (line.startsWith('[pid: ')) return decodeUwsgi(line, offset, state);
      return decodeApacheError(line, offset, state) ?? decodeNotice(line, offset, state);
    case 60: // <
      return line.charCodeAt(1) >= 48 && line.charCodeAt(1) <= 57 ? decodeSyslog(line, offset, state) : null;
    case 61: // =
      return decodeRabbitReport(line, offset, state) ?? decodeGuru(line, offset, state);
    case 43: // +
      return decodeShell(line, offset, state);
    case 47: // /
      return decodeWarning(line, offset, state);
    case 45: // -
    case 58: // :
      return decodeAccess(line, offset, state);
    default:
      return null;
  }
}

/** Lines that begin with an ISO-like time: what follows it says whose they are. */
function decodeDated(line: string, offset: number, state: DecodeState): LogRecord | null {
  const time = state.time.iso(line, 0);
  const end = state.time.end;
  if (end < 0) return null;
  const code = line.charCodeAt(end);
  if (code === 124) return decodeOvs(line, end, time, offset, state);
  if (code === 58) return decodeLibvirt(line, end, time, offset, state);
  if (code !== SPACE) return null;
  const at = end + 1;
  const oslo = decodeOslo(line, at, time, offset, state);
  if (oslo !== null) return oslo;
  const next = line.charCodeAt(at);
  if (next === 91) return decodeRabbit(line, at, time, offset, state) ?? decodeMariadb(line, at, time, offset, state);
  if (next >= 48 && next <= 57) {
    const mariadb = decodeMariadb(line, at, time, offset, state);
    if (mariadb !== null) return mariadb;
  }
  const wrapped = criText(line, at);
  if (wrapped > 0) {
    const record = unwrap(line.slice(wrapped), offset, state, decodeAny);
    if (record !== null && Number.isNaN(record.timestamp)) record.timestamp = time;
    return record;
  }
  const named = decodeNamed(line, at, time, offset, state);
  if (named !== null) return named;
  // rsyslog's file format has a T between date and time; with a blank it may be any text.
  const tag = line.charCodeAt(10) === 84 ? line.indexOf(' ', at) + 1 : 0;
  return tag > 0 ? decodeTagged(line, tag, time, line.slice(at, tag - 1), -1, offset, state) : null;
}

/** Lines that begin with a digit but with no time: addresses, and MariaDB's old dates. */
function decodeDigits(line: string, offset: number, state: DecodeState): LogRecord | null {
  if (line.charCodeAt(4) === 45 && line.charCodeAt(7) === 45) return null;
  const six = line.charCodeAt(6) === SPACE && digitsAt(line, 0, 6) >= 0;
  if (six) return decodeOldMariadb(line, offset, state);
  const blank = line.indexOf(' ');
  if (blank < 3 || blank > 60) return null;
  return decodeRequest(line, offset, state);
}

/** Whatever tells of a request: of Swift, of HAProxy, or of any other server. */
function decodeRequest(line: string, offset: number, state: DecodeState): LogRecord | null {
  return (
    decodeProxyAccess(line, offset, state) ??
    decodeTraffic(line, offset, state) ??
    decodeStorageAccess(line, offset, state) ??
    decodeAccess(line, offset, state)
  );
}

function decodeLetters(line: string, offset: number, state: DecodeState): LogRecord | null {
  // "Mar  2 10:11:12 host …"
  if (line.charCodeAt(3) === SPACE && line.charCodeAt(9) === 58) {
    const syslog = decodeSyslog(line, offset, state);
    if (syslog !== null) return syslog;
  }
  switch (line.charCodeAt(0)) {
    case 71: // G
      if (line.startsWith('Guru meditation ')) return decodeGuru(line, offset, state);
      break;
    case 65: // AUDIT, CRITICAL, DEBUG, ERROR, INFO, TRACE, WARNING
    case 67:
    case 68:
    case 69:
    case 73:
    case 84:
    case 87: {
      const oslo = decodeHeadless(line, Number.NaN, false, offset, state);
      if (oslo !== null) return oslo;
    }
  }
  return (
    decodeNamedFile(line, offset, state, decodeAny) ??
    decodeSupervised(line, offset, state, decodeAny) ??
    decodeWarning(line, offset, state) ??
    decodeColonAddress(line, offset, state)
  );
}

/** IPv6 addresses may begin with a letter. */
function decodeColonAddress(line: string, offset: number, state: DecodeState): LogRecord | null {
  const colon = line.indexOf(':');
  return colon > 0 && colon < 5 && line.indexOf('"') > 0 ? decodeAccess(line, offset, state) : null;
}

/** With a time before it, whatever it is. */
function dated(decode: (line: string, at: number, time: number, offset: number, state: DecodeState) => LogRecord | null): LineDecoder {
  return (line, offset, state) => {
    const time = state.time.iso(line, 0);
    const end = state.time.end;
    if (end < 0) return null;
    return decode(line, line.charCodeAt(end) === SPACE ? end + 1 : end, time, offset, state);
  };
}

const json: LineDecoder = (line, offset, state) => decodeJson(line, offset, state, decodeAny);

/** What the first decoder that knows a line makes of it. */
function firstOf(...decoders: readonly LineDecoder[]): LineDecoder {
  return (line, offset, state) => {
    for (const decode of decoders) {
      const record = decode(line, offset, state);
      if (record !== null) return record;
    }
    return null;
  };
}

const PINNED: ReadonlyMap<string, LineDecoder> = new Map<string, LineDecoder>([
  ['oslo', firstOf(dated(decodeOslo), (line, offset, state) => decodeHeadless(line, Number.NaN, true, offset, state))],
  ['oslo_json', json],
  ['fluent_json', json],
  ['kolla', json],
  ['access', firstOf(decodeUwsgi, decodeAccess)],
  // Swift takes any text for its own, so the envelope comes first.
  ['swift', firstOf(decodeSyslog, decodeSwift)],
  ['ovs', firstOf(dated(decodeOvs), decodeSyslog)],
  ['rabbitmq', firstOf(dated(decodeRabbit), decodeRabbitReport)],
  ['libvirt', dated(decodeLibvirt)],
  ['haproxy', firstOf(decodeTraffic, decodeNotice, decodeSyslog)],
  ['mariadb', firstOf(dated(decodeMariadb), decodeOldMariadb)],
  ['apache_error', decodeApacheError],
  ['syslog', decodeSyslog],
  ['python', firstOf(dated(decodeNamed), decodeWarning, decodeGuru)],
  ['shell', (line, offset, state) => (line.startsWith('+') ? decodeShell(line, offset, state) : null)],
  ['raw', (line, offset, state) => new LogRecord(state.source, offset, line)],
]);

/** What {@link Source.format} may say. */
export const DECODER_NAMES: readonly string[] = ['auto', ...PINNED.keys()];

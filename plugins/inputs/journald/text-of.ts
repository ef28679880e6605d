import { Decoder } from '../../../src/record/decode.js';
import { levelOf, levelOfSeverity } from '../../../src/record/level.js';
import type { LogRecord } from '../../../src/record/record.js';
import type { Source } from '../../../src/record/source.js';
import type { Enclosed } from '../../shippers/envelope.js';
import type { Entry } from './entry.js';
import { CODE, KEPT } from './fields.js';

const LONGEST_NAME = 255;
/** What every program has, and so says nothing. */
const MAIN = new Set(['MainThread', 'MainProcess']);
/** Names that can stand in the head of a syslog line as they are. */
const TAG = /^[\w.@/()+-]{1,60}$/;
const HOST = /^[\w.:-]{1,255}$/;

/** What an entry says, as a line for the decoders. */
export interface Said {
  readonly line: Enclosed;
  /** Such a line may be one of several that make a record: it came from a program's standard output or error. Others are records by themselves. */
  readonly mayContinue: boolean;
}

/** Makes lines of entries. */
export class TextOf {
  readonly #decoder: Decoder;
  readonly #pinned: boolean;

  constructor(readonly base: Source) {
    this.#pinned = base.format !== 'auto';
    this.#decoder = new Decoder(base);
  }

  /** Never throws, whatever the entry is. */
  of(entry: Entry): Said {
    const program = short(entry.text('SYSLOG_IDENTIFIER')) || short(entry.text('_COMM')) || unitName(entry);
    const host = short(entry.text('_HOSTNAME'));
    const about = { host, program, path: short(entry.text('_SYSTEMD_UNIT')), time: entry.time };
    const fields = fieldsOf(entry);
    if (entry.text('LOGGER_NAME') !== '') {
      const known = this.#decoder.decodeWhole(entry.message, 0);
      const text = JSON.stringify(osloLine(entry, known?.logger === '' ? null : known));
      return { line: { ...about, text: this.#pinned ? entry.message : text, fields: orNull(fields) }, mayContinue: false };
    }
    for (const key of CODE) if (entry.text(key) !== '') fields[key] = entry.text(key);
    const mayContinue = entry.text('_TRANSPORT') === 'stdout';
    // The priority of what a program writes to standard output is the same for all, unless the program says another.
    const priority = entry.text('PRIORITY');
    const isPlain = this.#pinned || (mayContinue && (priority === '6' || priority === '')) || !/^[0-7]$/.test(priority);
    const text = isPlain ? entry.message : syslogLine(entry, host || this.base.host, program, Number(priority));
    return { line: { ...about, text, fields: orNull(fields) }, mayContinue };
  }
}

/**
 * A line in the form of rsyslog's files, with its priority: the decoder of those knows what the programs of an OpenStack node send to syslog. Where a name
 * cannot stand in its head it is one of oslo.log's JSON, which any text can be in.
 */
function syslogLine(entry: Entry, host: string, program: string, priority: number): string {
  const pid = pidOf(entry);
  // The decoder takes `#012` for a newline, as rsyslog writes it.
  if (TAG.test(program) && HOST.test(host) && !Number.isNaN(entry.time) && !entry.message.includes('#0')) {
    const tag = pid > 0 ? `${program}[${pid}]` : program;
    return `<${8 + priority}>${new Date(entry.time).toISOString()} ${host} ${tag}: ${entry.message}`;
  }
  return JSON.stringify({
    message: entry.message,
    levelname: levelOfSeverity(priority),
    name: '',
    ...(pid > 0 && { process: pid }),
    ...(!Number.isNaN(entry.time) && { created: entry.time / 1000 }),
  });
}

/**
 * What oslo.log's OSJournalHandler wrote, as a line of oslo.log's JSON: its message is a whole line in the configured form, traceback included, and fields
 * say some of it again.
 * @param known what the decoder made of the message; null where it is in no form that it knows
 */
function osloLine(entry: Entry, known: LogRecord | null): object {
  const exception = entry.text('EXCEPTION_INFO') || entry.text('EXCEPTION_TEXT');
  const traceback = known?.error?.stackTrace || exception;
  const context = known?.context;
  const identity = context?.identity;
  const error = known?.error;
  const pid = known?.pid || pidOf(entry);
  return {
    message: known?.message ?? withoutException(entry.message, exception),
    levelname: known?.level || levelOf(entry.text('LOGGER_LEVEL')) || levelOfSeverity(Number(entry.text('PRIORITY') || 6)),
    name: known?.logger || entry.text('LOGGER_NAME'),
    ...(!Number.isNaN(entry.time) && { created: entry.time / 1000 }),
    ...(pid > 0 && { process: pid }),
    funcname: known?.functionName || entry.text('CODE_FUNC'),
    pathname: known?.filePath || entry.text('CODE_FILE'),
    lineno: known?.fileLine || Number(entry.text('CODE_LINE')) || 0,
    context: {
      request_id: context?.requestId || entry.text('REQUEST_ID'),
      global_request_id: context?.globalRequestId,
      user: identity?.userId || entry.text('USER_ID'),
      project: identity?.projectId || entry.text('PROJECT_ID'),
      domain: identity?.domainId,
      system_scope: identity?.systemScope,
      user_domain: identity?.userDomainId,
      project_domain: identity?.projectDomainId,
    },
    ...(known !== null && known.instanceId !== '' && { extra: { instance: known.instanceId } }),
    ...(traceback !== '' && { traceback }),
    ...(error && error.type !== '' && { error_summary: `${error.type}: ${error.message}` }),
  };
}

/** The formatter appends the traceback to the message, as it is where it has no prefix. */
function withoutException(message: string, exception: string): string {
  return exception !== '' && message.endsWith(exception) ? message.slice(0, -exception.length).trimEnd() : message;
}

function fieldsOf(entry: Entry): Record<string, unknown> {
  const fields: Record<string, unknown> = {};
  for (const key of KEPT) {
    const value = entry.text(key);
    if (value !== '' && !MAIN.has(value)) fields[key] = value;
  }
  return fields;
}

function orNull(fields: Record<string, unknown>): Record<string, unknown> | null {
  return Object.keys(fields).length > 0 ? fields : null;
}

function pidOf(entry: Entry): number {
  const pid = Number(entry.text('SYSLOG_PID') || entry.text('_PID'));
  return Number.isInteger(pid) && pid > 0 ? pid : 0;
}

function unitName(entry: Entry): string {
  return short(entry.text('_SYSTEMD_UNIT')).replace(/\.service$/, '');
}

/** A name is short; whatever is longer is none. */
function short(name: string): string {
  return name.length <= LONGEST_NAME ? name : '';
}

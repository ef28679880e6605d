import { stripDebugSuffix } from './decoders/debug-suffix.js';
import { isForeignRecord } from './decoders/json.js';
import { errorOfTraceback, exceptionAt, mergeErrors, TRACEBACK } from './exception.js';
import type { JoinerLimits } from './joiner.js';
import type { LogRecord } from './record.js';

/** A record that may not be complete. */
export class OpenRecord {
  record: LogRecord;
  /** Nothing joins it any more; it waits for those before it. */
  closed = false;
  /** Length of its lines. */
  bytes: number;
  lastOffset: number;
  /** The joiner's counts at its head. */
  atLine: number;
  atByte: number;
  #lines = 1;
  #dropped = 0;
  /** Lines of its traceback without prefixes; null as long as there is none. */
  #trace: string | null = null;
  /** What continues its message, each line with a newline before it. */
  #text = '';

  constructor(record: LogRecord, bytes: number, atLine: number, atByte: number) {
    this.record = record;
    this.bytes = bytes;
    this.lastOffset = record.offset;
    this.atLine = atLine;
    this.atByte = atByte;
  }

  /** Starts anew with another record. */
  begin(record: LogRecord, bytes: number, atLine: number, atByte: number): void {
    this.record = record;
    this.closed = false;
    this.bytes = bytes;
    this.lastOffset = record.offset;
    this.atLine = atLine;
    this.atByte = atByte;
    this.#lines = 1;
    this.#dropped = 0;
    this.#trace = null;
    this.#text = '';
  }

  /** Tells the processes apart that write to one source: by their id alone where the lines name no program and host of their own. */
  static keyOf({ pid, host, program, source }: LogRecord): string | number {
    return host === source.host && program === source.program ? pid : `${pid} ${program} ${host}`;
  }

  get key(): string | number {
    return OpenRecord.keyOf(this.record);
  }

  isOfSameProcess({ pid, host, program }: LogRecord): boolean {
    const own = this.record;
    return own.pid === pid && own.host === host && own.program === program;
  }

  /** Only oslo's text, also in kolla's records, puts a traceback into lines of its own. */
  get takesTraceback(): boolean {
    return this.record.format === 'oslo' || this.record.format === 'kolla';
  }

  get hasTraceback(): boolean {
    return this.#trace !== null || this.record.message.startsWith('Traceback');
  }

  /** Log time after which it is complete. */
  expiry(openMs: number): number {
    const { timestamp } = this.record;
    return Number.isNaN(timestamp) ? Number.POSITIVE_INFINITY : timestamp + openMs;
  }

  /** Whether a traceback's line repeats its time, process and logger. DevStack's old forms name the process in some lines and not in others. */
  isHeadOf(line: LogRecord): boolean {
    const own = this.record;
    if (this.closed || !this.takesTraceback || own.logger !== line.logger) return false;
    if (own.timestamp !== line.timestamp && !(Number.isNaN(own.timestamp) && Number.isNaN(line.timestamp))) return false;
    return (own.pid === line.pid || own.pid === 0 || line.pid === 0) && own.host === line.host && own.program === line.program;
  }

  /** Whether a line of no known form continues it. */
  takesRaw(line: string): boolean {
    if (this.closed) return false;
    switch (this.record.format) {
      // Each of these is whole on its line: a broken one beside it is another record.
      case 'shell':
      case 'kolla':
      case 'oslo_json':
      case 'fluent_json':
        return false;
      // These too, but journalctl and others indent what follows a newline.
      case 'access':
      case 'apache_error':
      case 'haproxy':
      case 'ovs':
      case 'swift':
      case 'syslog':
        return isIndented(line);
      case 'raw':
        return isIndented(line) || (this.record.message.startsWith(TRACEBACK) && this.#trace === null && this.#endsTraceback(line));
      default:
        return !isForeignRecord(line);
    }
  }

  /** The exception at the end of a traceback without prefix ends it: what follows is another record. */
  #endsTraceback(line: string): boolean {
    if (exceptionAt(line, 0, true) === null) return false;
    this.#trace = '';
    return true;
  }

  addTrace(text: string, offset: number, bytes: number, isCut: boolean, limits: JoinerLimits): void {
    if (!this.#admit(offset, bytes, isCut, limits)) return;
    this.#trace = this.#trace === null ? text : `${this.#trace}\n${text}`;
  }

  addRaw(line: string, offset: number, isCut: boolean, limits: JoinerLimits): void {
    if (!this.#admit(offset, line.length, isCut, limits)) return;
    // A raw line among those of a traceback is part of the exception's text.
    if (this.#trace !== null && this.record.format !== 'raw') this.#trace += `\n${line}`;
    else this.#text += `\n${line}`;
  }

  #admit(offset: number, bytes: number, isCut: boolean, limits: JoinerLimits): boolean {
    this.lastOffset = offset;
    const { record } = this;
    if (isCut) record.truncated = true;
    if (this.#dropped === 0 && this.#lines < limits.maxLines && this.bytes + bytes <= limits.maxBytes) {
      this.#lines++;
      this.bytes += bytes;
      return true;
    }
    record.truncated = true;
    this.#dropped++;
    return false;
  }

  /** The record, complete. */
  finish(): LogRecord {
    const { record } = this;
    if (this.#lines > 1) this.#complete(record);
    else if (record.format === 'oslo' && record.level === 'ERROR' && record.error === null) this.#completeTraceback(record, '');
    else if (record.format === 'raw' && record.message.includes('\n')) this.#findTraceback(record);
    if (this.#dropped > 0) {
      record.fields ??= {};
      record.fields['dropped_lines'] = this.#dropped;
    }
    return record;
  }

  #complete(record: LogRecord): void {
    if (this.#text !== '') {
      // What begins with a newline has its text in the lines that follow: they alone are what was said.
      const joined = record.message.trim() === '' ? this.#text.replace(/^\s*\n/, '') : record.message + this.#text;
      record.message = joined.trimEnd();
      if (record.level === 'DEBUG' && record.functionName === '') {
        stripDebugSuffix(record);
        record.message = record.message.trimEnd();
      }
    }
    if (this.#trace !== null && this.#trace !== '') this.#completeTraceback(record, this.#trace.trimEnd());
    else if (record.error === null) this.#findTraceback(record);
  }

  /** A traceback whose head is not there is its own record: its first line is the message, and the whole is in the stack trace. */
  #completeTraceback(record: LogRecord, trace: string): void {
    const headless = record.message.startsWith(TRACEBACK) || record.message.startsWith('  File "');
    if (headless) record.message = trace === '' ? record.message : `${record.message}\n${trace}`;
    if (headless || trace !== '') record.error = mergeErrors(record.error, errorOfTraceback(headless ? record.message : trace));
  }

  /** A traceback inside the message, as remote errors and uncaught exceptions have it. */
  #findTraceback(record: LogRecord): void {
    const at = record.message.startsWith(TRACEBACK) ? 0 : record.message.indexOf(`\n${TRACEBACK}`) + 1;
    if (at === 0 && !record.message.startsWith(TRACEBACK)) return;
    record.error = errorOfTraceback(record.message.slice(at));
    if (record.format === 'raw') record.format = 'python';
  }
}

function isIndented(line: string): boolean {
  const code = line.charCodeAt(0);
  return line === '' || code === 32 || code === 9;
}

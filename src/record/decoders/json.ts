import { errorOfTraceback, errorSummary, mergeErrors } from '../exception.js';
import { isObject, type JsonObject } from '../json-object.js';
import { levelOf } from '../level.js';
import { plausibleTime } from '../plausible.js';
import { LogRecord, type RequestContext } from '../record.js';
import { decodeKolla } from './kolla.js';
import { addLines } from './lines-in-one.js';
import { type DecodeState, type LineDecoder, unwrap } from './state.js';

/** The string under a key; empty for anything else. */
export function text(object: JsonObject, key: string): string {
  const value = object[key];
  return typeof value === 'string' ? value : '';
}

export function number(object: JsonObject, key: string): number {
  const value = Number(object[key] ?? 0);
  return Number.isFinite(value) ? value : 0;
}

/** Nesting beyond this is no log record's, and would exhaust the stack of whoever writes its fields out again. */
const DEEPEST = 64;

function isDeeper(value: object, levels: number): boolean {
  if (levels === 0) return true;
  for (const inner of Object.values(value)) if (typeof inner === 'object' && inner !== null && isDeeper(inner, levels - 1)) return true;
  return false;
}

/** What an object holds under keys that are not taken. Assigning to the key `__proto__` would lose it and change the prototype. */
export function fieldsOf(object: JsonObject, taken: ReadonlySet<string>): Record<string, unknown> {
  const fields: Record<string, unknown> = {};
  for (const key in object) {
    if (taken.has(key)) continue;
    if (key === '__proto__')
      Object.defineProperty(fields, key, { value: object[key], enumerable: true, configurable: true, writable: true });
    else fields[key] = object[key];
  }
  return fields;
}

/** The object on a line; null for what is no JSON object or nested without end. */
function parseObject(line: string): JsonObject | null {
  if (line.charCodeAt(line.trimEnd().length - 1) !== 125) return null;
  try {
    const object: unknown = JSON.parse(line);
    return isObject(object) && !isDeeper(object, DEEPEST) ? object : null;
  } catch {
    return null;
  }
}

/**
 * Whether a line is a record of a program that no decoder knows: it says something, and how grave that is. Other objects may be the body of an
 * answer, in a line of its own inside a message.
 */
export function isForeignRecord(line: string): boolean {
  if (line.charCodeAt(0) !== 123) return false;
  const object = parseObject(line);
  if (object === null || (text(object, 'message') === '' && text(object, 'msg') === '')) return false;
  return ['level', 'severity', 'levelname', 'log_level'].some((key) => key in object);
}

/**
 * One JSON object on a line: oslo.log's JSONFormatter and FluentFormatter, the records of kolla's fluentd, and the envelopes of Filebeat and of
 * container runtimes, whose own text is decoded by `inner`. Null for other objects, for what is nested without end and for what is no JSON.
 */
export function decodeJson(line: string, offset: number, state: DecodeState, inner: LineDecoder): LogRecord | null {
  const object = parseObject(line);
  if (object === null) return null;
  if (typeof object['Payload'] === 'string') return decodeKolla(object, offset, state);
  if (typeof object['message'] === 'string') {
    if (typeof object['levelname'] === 'string') return decodeFormatter(object, 'oslo_json', 'levelname', offset, state);
    if (typeof object['level'] === 'string' && 'funcname' in object) return decodeFormatter(object, 'fluent_json', 'level', offset, state);
    if (typeof object['@timestamp'] === 'string')
      return decodeEnvelope(object, text(object, 'message'), '@timestamp', offset, state, inner);
  }
  if (typeof object['log'] === 'string' && typeof object['stream'] === 'string') {
    return decodeEnvelope(object, text(object, 'log').replace(/\r?\n$/, ''), 'time', offset, state, inner);
  }
  return null;
}

/** Keys that are read, or say again what another says; the others are kept as fields. */
const TAKEN = new Set([
  'message',
  'name',
  'created',
  'time',
  'process',
  'hostname',
  'traceback',
  'error_summary',
  'context',
  'levelname',
  'level',
  'pathname',
  'filename',
  'lineno',
  'funcname',
  'module',
  'levelno',
  'asctime',
  'msecs',
  'relative_created',
]);

/** oslo.log's own formatters; they differ in the names of level and time. Template (`msg`) and `args` are kept as fields. */
function decodeFormatter(
  object: JsonObject,
  format: 'oslo_json' | 'fluent_json',
  level: string,
  offset: number,
  state: DecodeState,
): LogRecord {
  const record = new LogRecord(state.source, offset, text(object, 'message'));
  record.format = format;
  record.level = levelOf(text(object, level));
  record.logger = text(object, 'name');
  record.timestamp = timeOf(object, state);
  record.pid = number(object, 'process');
  record.host = text(object, 'hostname') || record.host;
  record.functionName = text(object, 'funcname');
  record.filePath = text(object, 'pathname') || text(object, 'filename');
  record.fileLine = number(object, 'lineno');
  const context = object['context'];
  if (isObject(context) && text(context, 'request_id') !== '') record.context = contextOf(context);
  const extra = object['extra'];
  record.instanceId = (isObject(extra) ? instanceOf(extra) : '') || (isObject(context) ? text(context, 'resource_uuid') : '');
  const traceback = text(object, 'traceback');
  const summary = text(object, 'error_summary');
  if (summary !== '') record.error = errorSummary(`: ${summary}`, 'ERROR') ?? { type: '', message: summary, stackTrace: '' };
  if (traceback !== '') record.error = mergeErrors(record.error, errorOfTraceback(traceback.trimEnd()));
  record.fields = fieldsOf(object, TAKEN);
  return record;
}

function timeOf(object: JsonObject, state: DecodeState): number {
  const created = object['created'];
  if (typeof created === 'number') return plausibleTime(Math.round(created * 1000));
  const time = object['time'] ?? object['asctime'];
  return typeof time === 'number'
    ? plausibleTime(Math.round(time * 1000))
    : typeof time === 'string'
      ? state.time.iso(time, 0)
      : Number.NaN;
}

/** `extra.instance` is a uuid or an object that has one. */
function instanceOf(extra: JsonObject): string {
  const instance = extra['instance'];
  if (typeof instance === 'string') return instance;
  return (isObject(instance) ? text(instance, 'uuid') : '') || text(extra, 'instance_uuid');
}

function contextOf(context: JsonObject): RequestContext {
  return {
    requestId: text(context, 'request_id'),
    globalRequestId: text(context, 'global_request_id'),
    identity: {
      userId: text(context, 'user') || text(context, 'user_id'),
      projectId: text(context, 'project_id') || text(context, 'project'),
      domainId: text(context, 'domain'),
      systemScope: text(context, 'system_scope'),
      userDomainId: text(context, 'user_domain'),
      projectDomainId: text(context, 'project_domain'),
    },
  };
}

/** A line in a shipper's wrapping: its text is decoded; time and host of the wrapping stand in where the text has none. */
function decodeEnvelope(
  object: JsonObject,
  message: string,
  time: string,
  offset: number,
  state: DecodeState,
  inner: LineDecoder,
): LogRecord | null {
  const lines = message.split('\n');
  const record = unwrap(lines[0] ?? '', offset, state, inner);
  if (record === null) return null;
  if (lines.length > 1) addLines(record, lines.slice(1), state);
  if (Number.isNaN(record.timestamp)) record.timestamp = state.time.iso(text(object, time), 0);
  const host = object['host'];
  if (record.host === state.source.host) record.host = (isObject(host) ? text(host, 'name') : '') || record.host;
  const service = object['service'];
  if (record.program === state.source.program) record.program = (isObject(service) ? text(service, 'name') : '') || record.program;
  return record;
}

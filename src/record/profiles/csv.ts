import { stringify } from 'csv-stringify/sync';
import { FORMATS, type Format, type HttpExchange, LEVELS, type Level, LogRecord, type Stage } from '../record.js';
import type { Source } from '../source.js';
import { contextOf, oneOf, STAGES } from './ecs-reader.js';

/** Columns in their order. A row that is read back gives the same record. */
export const CSV_COLUMNS = [
  ...['id', 'timestamp', 'host', 'program', 'pid', 'level', 'logger', 'message', 'label', 'confidence', 'stage', 'rule'],
  ...['guess', 'guess_confidence', 'template', 'template_id', 'novel'],
  ...['request_id', 'global_request_id', 'user_id', 'project_id', 'instance_id', 'error_type', 'error_message', 'stack_trace'],
  ...['http_method', 'url_path', 'http_status', 'http_bytes', 'duration_s', 'function', 'file', 'line', 'format', 'source', 'offset'],
  ...['domain_id', 'system_scope', 'user_domain_id', 'project_domain_id'],
  ...['client_ip', 'http_version', 'user_agent', 'referrer', 'truncated', 'fields'],
] as const;

/** Text that a spreadsheet would run as a formula, and text that looks like such text made harmless. */
const FORMULA = /^'*[=+\-@\t\r]/;

/** The row of column names, with its line end. */
export function csvHeader(): string {
  return stringify([[...CSV_COLUMNS]]);
}

/** RFC 4180 rows, each with its line end; fields with newlines are quoted, and what would be a formula in a spreadsheet starts with `'`. */
export function csvRows(records: readonly LogRecord[]): string {
  return stringify(records.map(row));
}

function row(record: LogRecord): (string | number)[] {
  const { context, error, http } = record;
  const identity = context?.identity;
  const cells: (string | number)[] = [
    record.id,
    Number.isNaN(record.timestamp) ? '' : new Date(record.timestamp).toISOString(),
    ...[record.host, record.program, record.pid || '', record.level, record.logger, record.message],
    ...[record.label, record.confidence, record.stage, record.rule],
    ...[record.guess?.label ?? '', record.guess?.confidence ?? '', record.template, record.templateId, record.novel ? 'true' : ''],
    ...[context?.requestId ?? '', context?.globalRequestId ?? '', identity?.userId ?? '', identity?.projectId ?? ''],
    record.instanceId,
    ...[error?.type ?? '', error?.message ?? '', error?.stackTrace ?? ''],
    ...[http?.method ?? '', http?.path ?? '', known(http?.status), known(http?.bytes), known(http?.duration)],
    ...[record.functionName, record.filePath, record.fileLine || '', record.format, record.source.name, record.offset],
    ...[identity?.domainId ?? '', identity?.systemScope ?? '', identity?.userDomainId ?? '', identity?.projectDomainId ?? ''],
    ...[http?.clientIp ?? '', http?.version ?? '', http?.userAgent ?? '', http?.referrer ?? ''],
    ...[record.truncated ? 'true' : '', record.fields === null ? '' : JSON.stringify(record.fields)],
  ];
  return cells.map((cell) => (typeof cell === 'string' && FORMULA.test(cell) ? `'${cell}` : cell));
}

function known(value: number | undefined): number | '' {
  return value === undefined || value < 0 ? '' : value;
}

/** The record that {@link csvRows} wrote, by column name, in a source of its own. Columns that are missing or malformed stay empty. */
export function recordFromCsv(cells: Readonly<Record<string, string>>, source: Source): LogRecord {
  const text = (name: (typeof CSV_COLUMNS)[number]): string => (cells[name] ?? '').replace(/^'(?='*[=+\-@\t\r])/, '');
  const number = (name: (typeof CSV_COLUMNS)[number], absent: number): number => {
    const found = text(name) === '' ? absent : Number(text(name));
    return Number.isFinite(found) ? found : absent;
  };
  const record = new LogRecord({ ...source, name: text('source') || source.name }, number('offset', 0), text('message'));
  record.givenId = text('id');
  record.timestamp = Date.parse(text('timestamp'));
  record.host = text('host');
  record.program = text('program');
  record.pid = number('pid', 0);
  record.level = oneOf<Level>(LEVELS, text('level'), '');
  record.logger = text('logger');
  record.format = oneOf<Format>(FORMATS, text('format'), 'raw');
  record.label = text('label') || record.label;
  record.confidence = number('confidence', 0);
  record.stage = oneOf<Stage>(STAGES, text('stage'), 'none');
  record.rule = text('rule');
  if (text('guess') !== '') record.guess = { label: text('guess'), confidence: number('guess_confidence', 0) };
  record.template = text('template');
  record.templateId = text('template_id');
  record.novel = text('novel') === 'true';
  record.instanceId = text('instance_id');
  record.functionName = text('function');
  record.filePath = text('file');
  record.fileLine = number('line', 0);
  record.truncated = text('truncated') === 'true';
  record.fields = objectIn(text('fields'));
  const identity = {
    ...{ userId: text('user_id'), projectId: text('project_id'), domainId: text('domain_id'), systemScope: text('system_scope') },
    ...{ userDomainId: text('user_domain_id'), projectDomainId: text('project_domain_id') },
  };
  record.context = contextOf({ requestId: text('request_id'), globalRequestId: text('global_request_id'), identity });
  const error = { type: text('error_type'), message: text('error_message'), stackTrace: text('stack_trace') };
  if (Object.values(error).some((part) => part !== '')) record.error = error;
  const http: HttpExchange = {
    ...{ clientIp: text('client_ip'), method: text('http_method'), path: text('url_path'), version: text('http_version') },
    ...{ status: number('http_status', -1), bytes: number('http_bytes', -1), duration: number('duration_s', -1) },
    ...{ userAgent: text('user_agent'), referrer: text('referrer') },
  };
  if (Object.values(http).some((part) => part !== '' && part !== -1)) record.http = http;
  return record;
}

function objectIn(json: string): Record<string, unknown> | null {
  if (json === '') return null;
  try {
    const value: unknown = JSON.parse(json);
    return typeof value === 'object' && value !== null && !Array.isArray(value) ? { ...value } : null;
  } catch {
    return null;
  }
}

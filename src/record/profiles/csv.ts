import { stringify } from 'csv-stringify/sync';
import { FORMATS, type Format, LEVELS, type Level, LogRecord, NOBODY, type Stage } from '../record.js';
import type { Source } from '../source.js';
import { contextOf, oneOf, STAGES } from './ecs-reader.js';

/** Columns in their order. A row that is read back gives the same record, but for what has no column (`fields`). */
export const CSV_COLUMNS = [
  ...['id', 'timestamp', 'host', 'program', 'pid', 'level', 'logger', 'message', 'label', 'confidence', 'stage', 'rule'],
  ...['guess', 'guess_confidence', 'template', 'template_id', 'novel'],
  ...['request_id', 'global_request_id', 'user_id', 'project_id', 'instance_id', 'error_type', 'error_message', 'stack_trace'],
  ...['http_method', 'url_path', 'http_status', 'http_bytes', 'duration_s', 'function', 'file', 'line', 'format', 'source', 'offset'],
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
  const cells: (string | number)[] = [
    record.id,
    Number.isNaN(record.timestamp) ? '' : new Date(record.timestamp).toISOString(),
    ...[record.host, record.program, record.pid || '', record.level, record.logger, record.message],
    ...[record.label, record.confidence, record.stage, record.rule],
    ...[record.guess?.label ?? '', record.guess?.confidence ?? '', record.template, record.templateId, record.novel ? 'true' : ''],
    ...[context?.requestId, context?.globalRequestId, context?.identity.userId, context?.identity.projectId].map((text) => text ?? ''),
    record.instanceId,
    ...[error?.type ?? '', error?.message ?? '', error?.stackTrace ?? ''],
    ...[http?.method ?? '', http?.path ?? '', http?.status ?? '', known(http?.bytes), known(http?.duration)],
    ...[record.functionName, record.filePath, record.fileLine || '', record.format, record.source.name, record.offset],
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
  const identity = { ...NOBODY, userId: text('user_id'), projectId: text('project_id') };
  record.context = contextOf({ requestId: text('request_id'), globalRequestId: text('global_request_id'), identity });
  const error = { type: text('error_type'), message: text('error_message'), stackTrace: text('stack_trace') };
  if (Object.values(error).some((part) => part !== '')) record.error = error;
  if (text('http_status') !== '') {
    record.http = {
      ...{ clientIp: '', method: text('http_method'), path: text('url_path'), version: '', status: number('http_status', -1) },
      ...{ bytes: number('http_bytes', -1), duration: number('duration_s', -1), userAgent: '', referrer: '' },
    };
  }
  return record;
}

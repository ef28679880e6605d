import { isObject, type JsonObject } from '../json-object.js';
import { FORMATS, type Format, LEVELS, type Level, LogRecord, type RequestContext, type Stage } from '../record.js';
import type { Source } from '../source.js';

export const STAGES: readonly string[] = ['rule', 'known', 'bert', 'llm', 'none'] satisfies Stage[];

/** Whether a parsed JSON document is one that the ECS profile wrote. */
export function isOwnDocument(document: unknown): document is JsonObject {
  return typeof document === 'object' && document !== null && 'trilog' in document && 'log' in document && 'message' in document;
}

/** The record that the ECS profile wrote, in a source of its own. What is missing or malformed stays empty. */
export function recordFromEcs(document: JsonObject, source: Source): LogRecord {
  const log = part(document, 'log');
  const trilog = part(document, 'trilog');
  const origin = part(log, 'origin');
  const originFile = part(origin, 'file');
  const openstack = part(document, 'openstack');
  const path = text(part(log, 'file'), 'path');
  const record = new LogRecord(path === '' ? source : { ...source, name: path }, number(log, 'offset', 0), text(document, 'message'));
  record.givenId = text(part(document, 'event'), 'id');
  record.timestamp = trilog['time'] === 'read' ? Number.NaN : Date.parse(text(document, '@timestamp'));
  record.level = oneOf<Level>(LEVELS, text(log, 'level'), '');
  record.logger = text(log, 'logger');
  record.format = oneOf<Format>(FORMATS, text(trilog, 'format'), 'raw');
  record.program = text(part(document, 'service'), 'name');
  record.host = text(part(document, 'host'), 'name') || source.host;
  record.pid = number(part(document, 'process'), 'pid', 0);
  record.functionName = text(origin, 'function');
  record.filePath = text(originFile, 'name');
  record.fileLine = number(originFile, 'line', 0);
  record.instanceId = text(openstack, 'instance_id');
  record.truncated = trilog['truncated'] === true;
  record.label = text(trilog, 'label') || record.label;
  record.confidence = number(trilog, 'confidence', 0);
  record.stage = oneOf<Stage>(STAGES, text(trilog, 'stage'), 'none');
  record.rule = text(trilog, 'rule');
  const guess = part(trilog, 'guess');
  if (text(guess, 'label') !== '') record.guess = { label: text(guess, 'label'), confidence: number(guess, 'confidence', 0) };
  record.template = text(trilog, 'template');
  record.templateId = text(trilog, 'template_id');
  record.novel = trilog['novel'] === true;
  if ('extra' in openstack) record.fields = { ...part(openstack, 'extra') };
  record.context = contextOf({
    requestId: text(openstack, 'request_id'),
    globalRequestId: text(openstack, 'global_request_id'),
    identity: {
      userId: text(openstack, 'user_id'),
      projectId: text(openstack, 'project_id'),
      domainId: text(openstack, 'domain_id'),
      systemScope: text(openstack, 'system_scope'),
      userDomainId: text(openstack, 'user_domain_id'),
      projectDomainId: text(openstack, 'project_domain_id'),
    },
  });
  readError(record, part(document, 'error'));
  readHttp(record, document);
  return record;
}

/** A context that was read back; null where nothing of it was there. */
export function contextOf(context: RequestContext): RequestContext | null {
  const { requestId, globalRequestId, identity } = context;
  return [requestId, globalRequestId, ...Object.values(identity)].some((id) => id !== '') ? context : null;
}

function readError(record: LogRecord, error: JsonObject): void {
  if (Object.keys(error).length === 0) return;
  record.error = { type: text(error, 'type'), message: text(error, 'message'), stackTrace: text(error, 'stack_trace') };
}

function readHttp(record: LogRecord, document: JsonObject): void {
  if (!('http' in document)) return;
  const http = part(document, 'http');
  const request = part(http, 'request');
  const response = part(http, 'response');
  const url = part(document, 'url');
  const query = text(url, 'query');
  const nanoseconds = number(part(document, 'event'), 'duration', -1);
  record.http = {
    clientIp: text(part(document, 'client'), 'address'),
    method: text(request, 'method'),
    path: `${text(url, 'path')}${query === '' ? '' : `?${query}`}`,
    version: text(http, 'version'),
    status: number(response, 'status_code', -1),
    bytes: number(part(response, 'body'), 'bytes', -1),
    duration: nanoseconds < 0 ? -1 : nanoseconds / 1e9,
    userAgent: text(part(document, 'user_agent'), 'original'),
    referrer: text(request, 'referrer'),
  };
}

function part(json: JsonObject, name: string): JsonObject {
  const value = json[name];
  return isObject(value) ? value : {};
}

function text(json: JsonObject, name: string): string {
  const value = json[name];
  return typeof value === 'string' ? value : '';
}

function number(json: JsonObject, name: string, absent: number): number {
  const value = json[name];
  return typeof value === 'number' && Number.isFinite(value) ? value : absent;
}

/** A word of a closed list, as a file gave it; anything else is as if it were absent. */
export function oneOf<T extends string>(allowed: readonly string[], found: string, absent: T): T {
  return allowed.includes(found) ? (found as T) : absent;
}

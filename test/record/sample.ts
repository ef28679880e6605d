import { LogRecord } from '../../src/record/record.js';
import type { Source } from '../../src/record/source.js';

/** A source as an input would make it. */
export function source(changes: Partial<Source> = {}): Source {
  const path = '/var/log/kolla/nova/nova-compute.log';
  return {
    id: 'src1',
    input: 'test',
    name: path,
    program: 'nova-compute',
    host: 'compute01',
    timezone: 'Etc/UTC',
    format: 'auto',
    ...changes,
  };
}

/** A record with the given fields. */
export function record(message: string, fields: Partial<LogRecord> = {}): LogRecord {
  return Object.assign(new LogRecord(fields.source ?? source(), fields.offset ?? 0, message), fields);
}

/** A record's context in one object, for short expectations. */
export function flatContext({ context }: LogRecord): Record<string, string> | null {
  return context === null ? null : { requestId: context.requestId, globalRequestId: context.globalRequestId, ...context.identity };
}

/** Everything that a record can have, but for what the cascade knows of its template. */
export const FULL: Partial<LogRecord> = {
  givenId: 'src1-2s-abc',
  offset: 100,
  timestamp: Date.UTC(2026, 2, 2, 10, 11, 12, 7),
  level: 'ERROR',
  logger: 'nova.compute.manager',
  format: 'oslo',
  pid: 25746,
  context: {
    ...{ requestId: 'req-1', globalRequestId: 'req-2' },
    identity: { userId: 'u', projectId: 'p', domainId: 'd', systemScope: 'all', userDomainId: 'ud', projectDomainId: 'pd' },
  },
  instanceId: 'b9e6c2f4-1c0d-4a3e-9d55-6f7a8b9c0d1e',
  functionName: 'spawn',
  filePath: '/nova/driver.py',
  fileLine: 12,
  error: { type: 'nova.exception.NoValidHost', message: 'none', stackTrace: 'Traceback (most recent call last):\n  x' },
  http: {
    clientIp: '10.0.0.1',
    method: 'GET',
    path: '/v2?x=1',
    version: '1.1',
    status: 500,
    bytes: 12,
    duration: 0.25,
    userAgent: 'curl',
    referrer: 'r',
  },
  fields: { seconds: '1.5' },
  label: 'instance.failure',
  stage: 'rule',
  rule: 'nova.x',
  confidence: 1,
};

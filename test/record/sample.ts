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

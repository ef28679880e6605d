import type { HttpExchange, Level, LogRecord } from '../record.js';
import { given, known, timeOf } from './document-writer.js';
import { serviceName } from './ecs-fragments.js';
import type { TameFields } from './tame-fields.js';
import { verdictOf } from './verdict.js';

/** https://opentelemetry.io/docs/specs/otel/logs/data-model/#field-severitynumber: the least number of each range. */
const SEVERITY: Readonly<Record<Exclude<Level, ''>, number>> = { TRACE: 1, DEBUG: 5, INFO: 9, WARNING: 13, ERROR: 17, CRITICAL: 21 };

/**
 * A record in OpenTelemetry's log data model (https://opentelemetry.io/docs/specs/otel/logs/data-model/), in the form in which the Collector stores it
 * in Elasticsearch in its mode `otel`: attributes under their whole names. These are of the semantic conventions
 * (https://opentelemetry.io/docs/specs/semconv/registry/attributes/) where those have one; `log.record.template` and `log.file.record_offset` are the
 * names of the Collector's drain processor and file receiver, `http.server.request.duration` (seconds) that of a metric; OpenStack's are under `openstack`.
 */
export function otelDocument(record: LogRecord, now: number, carried: TameFields): object {
  const { level, error, http } = record;
  const { iso, time } = timeOf(record, now);
  return {
    '@timestamp': iso,
    observed_timestamp: new Date(now).toISOString(),
    severity_text: given(level),
    severity_number: level === '' ? undefined : SEVERITY[level],
    body: { text: record.message },
    resource: {
      attributes: { 'service.name': given(serviceName(record)), 'host.name': given(record.host), 'process.pid': known(record.pid, 1) },
    },
    // What names the part of a program that speaks: https://opentelemetry.io/docs/specs/otel/logs/data-model/#field-instrumentationscope.
    scope: record.logger === '' ? undefined : { name: record.logger },
    attributes: {
      'log.record.uid': record.id,
      'log.record.template': given(record.template),
      'log.file.path': given(record.source.name),
      'log.file.record_offset': record.offset,
      'code.function.name': given(record.functionName),
      'code.file.path': given(record.filePath),
      'code.line.number': known(record.fileLine, 1),
      'exception.type': given(error?.type),
      'exception.message': given(error?.message),
      'exception.stacktrace': given(error?.stackTrace),
      ...(http === null ? null : httpAttributes(http)),
      ...openstackAttributes(record),
      'openstack.extra': carried.extra ?? undefined,
      'openstack.extra_json': given(carried.json),
    },
    trilog: { ...verdictOf(record), truncated: record.truncated || undefined, time },
  };
}

function httpAttributes(http: HttpExchange): object {
  const question = http.path.indexOf('?');
  return {
    'http.request.method': given(http.method),
    // Headers may come more than once: their values are lists.
    'http.request.header.referer': http.referrer === '' ? undefined : [http.referrer],
    'http.response.status_code': known(http.status),
    'http.response.body.size': known(http.bytes),
    'http.server.request.duration': known(http.duration),
    'network.protocol.version': given(http.version),
    'url.path': given(question < 0 ? http.path : http.path.slice(0, question)),
    'url.query': question < 0 ? undefined : http.path.slice(question + 1),
    'client.address': given(http.clientIp),
    'user_agent.original': given(http.userAgent),
  };
}

function openstackAttributes({ context, instanceId }: LogRecord): object {
  const identity = context?.identity;
  return {
    'openstack.request_id': given(context?.requestId),
    'openstack.global_request_id': given(context?.globalRequestId),
    'openstack.user_id': given(identity?.userId),
    'openstack.project_id': given(identity?.projectId),
    'openstack.domain_id': given(identity?.domainId),
    'openstack.system_scope': given(identity?.systemScope),
    'openstack.user_domain_id': given(identity?.userDomainId),
    'openstack.project_domain_id': given(identity?.projectDomainId),
    'openstack.instance_id': given(instanceId),
  };
}

import type { Format, HttpExchange, LogRecord } from '../record.js';
import { given, known, timeOf } from './document-writer.js';
import { serviceName } from './ecs-fragments.js';
import type { TameFields } from './tame-fields.js';
import { verdictOf } from './verdict.js';

/** What fluentd makes the program's name where the file is not an OpenStack service's: the second part of its tag. */
const INFRASTRUCTURE: Readonly<Partial<Record<Format, string>>> = { rabbitmq: 'rabbit', mariadb: 'mariadb', libvirt: 'libvirt' };
const OPEN_VSWITCH: Readonly<Record<string, string>> = { 'ovs-vswitchd': 'openvswitch', 'ovsdb-server': 'openvswitchdb' };
const KOLLA_LOGS = '/var/log/kolla/';

/**
 * A record with the names that kolla-ansible's fluentd gives it (its inputs, its filters `record_transformer`, `parser` and `wsgi_access`, and its output
 * with `logstash_format`), and all values as text, as they come from its regular expressions; so that dashboards and searches made for those indices
 * go on. What trilog found is under `trilog`, with the id and what the line carried by names that fluentd does not know.
 *
 * `Timestamp` is not there, as fluentd takes it for `@timestamp`; what fluentd writes as `-` is left away; levels are trilog's words for them all.
 */
export function kollaDocument(record: LogRecord, now: number, carried: TameFields): object {
  const { context, http, format } = record;
  const { iso, time } = timeOf(record, now);
  const identity = context?.identity;
  const uwsgi = format === 'access' ? uwsgiFields(record.message) : null;
  return {
    '@timestamp': iso,
    Hostname: record.host,
    Logger: loggerOf(record),
    programname: programOf(record),
    Pid: record.pid > 0 ? String(record.pid) : undefined,
    log_level: given(record.level),
    [format === 'ovs' ? 'module' : 'python_module']: given(record.logger),
    global_request_id: given(bare(context?.globalRequestId)),
    request_id: given(bare(context?.requestId)),
    user_id: given(identity?.userId),
    tenant_id: given(identity?.projectId),
    domain_id: given(identity?.domainId),
    system_scope: given(identity?.systemScope),
    user_domain: given(identity?.userDomainId),
    project_domain: given(identity?.projectDomainId),
    Payload: payloadOf(record),
    ...(http === null ? null : accessFields(http)),
    ...uwsgi,
    trilog: {
      ...verdictOf(record),
      id: record.id,
      truncated: record.truncated || undefined,
      time,
      extra: carried.extra ?? undefined,
      extra_json: given(carried.json),
    },
  };
}

/** kolla's regular expression takes the `req-` of an id away. */
function bare(id: string | undefined): string | undefined {
  return id?.startsWith('req-') ? id.slice(4) : id;
}

/** What stands behind the context in the line: the instance, the message, the place of a DEBUG line, and a traceback's lines, which fluentd joins. */
function payloadOf({ instanceId, message, level, functionName, filePath, fileLine, error }: LogRecord): string {
  const instance = instanceId === '' ? '' : `[instance: ${instanceId}] `;
  const place = level === 'DEBUG' && functionName !== '' && filePath !== '' ? ` ${functionName} ${filePath}:${fileLine}` : '';
  const trace = error === null || error.stackTrace === '' ? '' : `\n${error.stackTrace}`;
  return `${instance}${message}${place}${trace}`;
}

/** `openstack.` and the folder of the service's logs; undefined for what fluentd gives no logger. */
function loggerOf(record: LogRecord): string | undefined {
  const { format, fields, source } = record;
  if (format in INFRASTRUCTURE || format === 'ovs' || format === 'syslog' || format === 'haproxy') return undefined;
  const found = format === 'kolla' ? fields?.['Logger'] : undefined;
  if (typeof found === 'string') return found;
  const slash = source.name.startsWith(KOLLA_LOGS) ? source.name.indexOf('/', KOLLA_LOGS.length) : -1;
  if (slash > 0) return `openstack.${source.name.slice(KOLLA_LOGS.length, slash)}`;
  const service = serviceName(record);
  const dash = service.indexOf('-');
  return service === '' ? undefined : `openstack.${dash < 0 ? service : service.slice(0, dash)}`;
}

function programOf(record: LogRecord): string | undefined {
  const infrastructure = INFRASTRUCTURE[record.format] ?? (record.format === 'ovs' ? OPEN_VSWITCH[record.program] : undefined);
  return infrastructure ?? given(record.program);
}

/** As the filter `wsgi_access` names the parts of Apache's access lines. Other records of an exchange get them too. */
function accessFields(http: HttpExchange): object {
  return {
    clientip: given(http.clientIp),
    http_method: given(http.method),
    http_url: given(http.path),
    http_version: given(http.version),
    http_status: text(http.status),
    http_bytes: text(http.bytes),
    http_response_time_us: text(Math.round(http.duration * 1e6)),
    referrer: given(http.referrer),
    agent: given(http.userAgent),
  };
}

function text(value: number): string | undefined {
  return known(value) === undefined ? undefined : String(value);
}

/** The head of uWSGI's line: `[pid: 19|app: 0|req: 41/82] 10.0.0.5 () {62 vars in 1244 bytes} [Mon Mar  2 10:11:12 2026] `. */
const UWSGI =
  /^\[pid: \d{1,10}\|app: (?<App>\d{1,10})\|req: (?<Req>\d{1,20}\/\d{1,20})\] (?<Address>\S{1,64}) \((?<User>\w{0,256})\) \{(?<Vars>\d{1,10}) vars in (?<Bytes>\d{1,10}) bytes\} \[[\w: ]{1,40}\] /;

/** The names of the input for uWSGI's logs, with the line's rest as `Payload`; null for other lines. */
function uwsgiFields(line: string): object | null {
  const match = UWSGI.exec(line);
  if (match === null) return null;
  return { ...match.groups, User: given(match.groups?.['User']), Payload: line.slice(match[0].length) };
}

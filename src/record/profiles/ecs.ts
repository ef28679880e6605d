import { detached } from '../detached.js';
import type { HttpExchange, LogRecord, RecordError, RequestContext } from '../record.js';
import type { Source } from '../source.js';

/** Loggers come from log text: past this many the remembered fragments are forgotten. */
const MAX_FRAGMENTS = 2048;

/** Text that is not ASCII, or that JSON cannot hold as it is. */
const NOT_PLAIN = /["\\\u0000-\u001f\u0080-\uffff]/;
const NOT_ASCII = /[\u0080-\uffff]/;

/** Makes a JSON string of a text. */
type Quote = (text: string) => string;

/** What records of one origin share. */
interface Fragment {
  readonly service: string;
  readonly logger: string;
  readonly dataset: string;
  readonly ascii: boolean;
}

/**
 * Writes records as JSON in the Elastic Common Schema (https://www.elastic.co/guide/en/ecs/current/), with OpenStack's identifiers under
 * `openstack` and what trilog found under `trilog`. The text is put together by hand, of as few pieces as can be, because `JSON.stringify`
 * of the whole document takes several times as long (test/bench/).
 */
export class EcsEncoder {
  readonly #fragments = new Map<string, Fragment>();
  readonly #identities = new Map<string, { readonly context: RequestContext; readonly json: string; readonly ascii: boolean }>();
  readonly #verdicts = new Map<string, string>();
  #source: Source | null = null;
  #second = Number.NaN;
  #secondText = '';
  #ascii = true;

  /** Whether what {@link encode} returned last is ASCII: then its bytes are its characters, and writing it costs half. */
  get ascii(): boolean {
    return this.#ascii;
  }

  /** One JSON object without a line end. `now` stands in for a time that the record does not have. */
  encode(record: LogRecord, now: () => number = Date.now): string {
    const { level, context, error, http, event } = record;
    const { service, logger, dataset, ascii } = this.#fragment(record);
    this.#ascii = ascii;
    const quote = this.#quote;
    const timed = !Number.isNaN(record.timestamp);
    const severity = level === '' ? '' : `"level":"${level}",`;
    const origin = record.functionName === '' && record.filePath === '' ? '' : `,"origin":${originOf(record, quote)}`;
    const pid = record.pid > 0 ? `,"process":{"pid":${record.pid}}` : '';
    // ECS counts in nanoseconds.
    const duration = http !== null && http.duration >= 0 ? `,"duration":${Math.round(http.duration * 1e9)}` : '';
    const openstack = context === null && record.instanceId === '' && record.fields === null ? '' : this.#openstack(record);
    return `{"@timestamp":"${this.#iso(timed ? record.timestamp : now())}","message":${quote(record.message)},"log":{${severity}${logger},"offset":${
      record.offset
    }${origin}}${service}${pid},"event":{"id":"${record.id}","dataset":${dataset}${duration}${event === null ? '' : event.json}}${
      error === null ? '' : errorOf(error, quote)
    }${http === null ? '' : httpOf(http, quote)}${openstack},"trilog":{${this.#verdict(record)},"format":"${record.format}"${record.truncated ? ',"truncated":true' : ''}${
      timed ? '' : ',"time":"read"'
    }}}`;
  }

  #fragment(record: LogRecord): Fragment {
    if (this.#source !== record.source || this.#fragments.size > MAX_FRAGMENTS) {
      this.#fragments.clear();
      this.#source = record.source;
    }
    // Lines that name their own program or host are few; those of most sources differ in their logger only.
    const plain = record.program === record.source.program && record.host === record.source.host && record.format === 'oslo';
    const key = plain ? record.logger : `${record.logger}\n${record.program}\n${record.host}\n${record.format}`;
    let fragment = this.#fragments.get(key);
    if (fragment === undefined) {
      this.#ascii = true;
      fragment = { ...fragmentOf(record, this.#quote), ascii: this.#ascii };
      this.#fragments.set(detached(key), fragment);
    }
    return fragment;
  }

  #openstack({ context, instanceId, fields }: LogRecord): string {
    const request =
      context === null
        ? ''
        : member('request_id', context.requestId, this.#quote) +
          member('global_request_id', context.globalRequestId, this.#quote) +
          this.#identity(context);
    const extra = fields === null ? '' : `,"extra":${this.#json(fields)}`;
    return `,"openstack":{${(request + member('instance_id', instanceId, this.#quote) + extra).slice(1)}}`;
  }

  /** The same users ask again and again. */
  #identity(context: RequestContext): string {
    const known = this.#identities.get(context.userId);
    if (known !== undefined && sameIdentity(known.context, context)) {
      if (!known.ascii) this.#ascii = false;
      return known.json;
    }
    const ascii = this.#ascii;
    this.#ascii = true;
    const json = identityOf(context, this.#quote);
    if (this.#identities.size >= MAX_FRAGMENTS) this.#identities.clear();
    this.#identities.set(detached(context.userId), { context: detachedContext(context), json: detached(json), ascii: this.#ascii });
    this.#ascii &&= ascii;
    return json;
  }

  #verdict({ label, confidence, stage, rule }: LogRecord): string {
    if (stage !== 'rule') return `"label":"${label}","confidence":${confidence},"stage":"${stage}"`;
    let verdict = this.#verdicts.get(rule);
    if (verdict === undefined) {
      verdict = `"label":"${label}","confidence":${confidence},"stage":"rule","rule":"${rule}"`;
      this.#verdicts.set(rule, verdict);
    }
    return verdict;
  }

  /** Most text is plain, and finding that out is faster than `JSON.stringify`. */
  readonly #quote: Quote = (text) => {
    if (!NOT_PLAIN.test(text)) return `"${text}"`;
    if (this.#ascii && NOT_ASCII.test(text)) this.#ascii = false;
    return JSON.stringify(text);
  };

  readonly #json = (value: object): string => {
    const json = JSON.stringify(value);
    if (this.#ascii && NOT_ASCII.test(json)) this.#ascii = false;
    return json;
  };

  /** ISO 8601 in UTC; all but the milliseconds is the same for every record of a second. */
  #iso(timestamp: number): string {
    const second = Math.floor(timestamp / 1000);
    if (second !== this.#second) {
      this.#second = second;
      this.#secondText = new Date(second * 1000).toISOString().slice(0, -4);
    }
    const ms = timestamp - second * 1000;
    return `${this.#secondText}${ms < 10 ? '00' : ms < 100 ? '0' : ''}${ms}Z`;
  }
}

function fragmentOf(record: LogRecord, quote: Quote): Omit<Fragment, 'ascii'> {
  const service = serviceName(record);
  const logger = record.logger === '' ? '' : `"logger":${quote(record.logger)},`;
  return {
    service: detached(`${service === '' ? '' : `,"service":{"name":${quote(service)}}`},"host":{"name":${quote(record.host)}}`),
    logger: detached(`${logger}"file":{"path":${quote(record.source.name)}}`),
    dataset: detached(quote(datasetOf(record))),
  };
}

/** The program, or where that is unknown the first part of the logger. */
export function serviceName(record: LogRecord): string {
  if (record.program !== '') return record.program;
  const dot = record.logger.indexOf('.');
  return dot < 0 ? record.logger : record.logger.slice(0, dot);
}

/** `openstack.nova` for nova's own formats, the format's name for others. */
function datasetOf(record: LogRecord): string {
  switch (record.format) {
    case 'oslo':
    case 'oslo_json':
    case 'fluent_json':
    case 'kolla': {
      const service = serviceName(record);
      const dash = service.indexOf('-');
      return `openstack.${dash < 0 ? service : service.slice(0, dash)}`;
    }
    case 'swift':
      return 'openstack.swift';
    default:
      return record.format;
  }
}

function originOf(record: LogRecord, quote: Quote): string {
  const file = record.filePath === '' ? '' : `"file":{"name":${quote(record.filePath)},"line":${record.fileLine}}`;
  const name = record.functionName === '' ? '' : `"function":${quote(record.functionName)}`;
  return `{${name}${name !== '' && file !== '' ? ',' : ''}${file}}`;
}

function errorOf({ type, message, stackTrace }: RecordError, quote: Quote): string {
  const members: string[] = [];
  if (type !== '') members.push(`"type":${quote(type)}`);
  if (message !== '') members.push(`"message":${quote(message)}`);
  if (stackTrace !== '') members.push(`"stack_trace":${quote(stackTrace)}`);
  return `,"error":{${members.join(',')}}`;
}

function httpOf({ method, path, version, status, bytes, clientIp, userAgent, referrer }: HttpExchange, quote: Quote): string {
  const question = path.indexOf('?');
  const url =
    question < 0 ? `"path":${quote(path)}` : `"path":${quote(path.slice(0, question))},"query":${quote(path.slice(question + 1))}`;
  return `,"http":{${version === '' ? '' : `"version":${quote(version)},`}"request":{${referrer === '' ? '' : `"referrer":${quote(referrer)},`}"method":${quote(
    method,
  )}},"response":{${bytes < 0 ? '' : `"body":{"bytes":${bytes}},`}"status_code":${status}}},"url":{${url}}${
    clientIp === '' ? '' : `,"client":{"address":${quote(clientIp)}}`
  }${userAgent === '' ? '' : `,"user_agent":{"original":${quote(userAgent)}}`}`;
}

/** All of a context that belongs to its user, as members with a comma before each. */
function identityOf(context: RequestContext, quote: Quote): string {
  return (
    member('user_id', context.userId, quote) +
    member('project_id', context.projectId, quote) +
    member('domain_id', context.domainId, quote) +
    member('system_scope', context.systemScope, quote) +
    member('user_domain_id', context.userDomainId, quote) +
    member('project_domain_id', context.projectDomainId, quote)
  );
}

function detachedContext(context: RequestContext): RequestContext {
  return Object.fromEntries(
    Object.entries(context).map(([name, value]: [string, string]) => [name, detached(value)]),
  ) as unknown as RequestContext;
}

function sameIdentity(a: RequestContext, b: RequestContext): boolean {
  return (
    a.userId === b.userId &&
    a.projectId === b.projectId &&
    a.domainId === b.domainId &&
    a.systemScope === b.systemScope &&
    a.userDomainId === b.userDomainId &&
    a.projectDomainId === b.projectDomainId
  );
}

function member(name: string, value: string, quote: Quote): string {
  return value === '' ? '' : `,"${name}":${quote(value)}`;
}

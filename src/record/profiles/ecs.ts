import { detached } from '../detached.js';
import type { EventClass } from '../event-class.js';
import { plausibleTime } from '../plausible.js';
import type { HttpExchange, LogRecord, RecordError, RequestContext } from '../record.js';
import type { Source } from '../source.js';
import { BYTES_PER_UNIT, fragment, JsonBytes } from './json-bytes.js';

/** What comes from log text is without number: past this many the remembered fragments are forgotten. */
const MAX_FRAGMENTS = 2048;
/** What is longer than names and ids are is not worth remembering. */
const MAX_KEY_LENGTH = 1024;
/** More than all names, punctuation and numbers of one document. */
const FIXED_BYTES = 4096;

const TIME = fragment('{"@timestamp":"');
const MESSAGE = fragment('Z","message":');
const PID = fragment(',"process":{"pid":');
const DURATION = fragment(',"duration":');
const REQUEST_ID = fragment('"request_id":');
const GLOBAL_REQUEST_ID = fragment('"global_request_id":');
const INSTANCE_ID = fragment('"instance_id":');
const EXTRA = fragment('"extra":');
const OPENSTACK = fragment(',"openstack":{');
const TRUNCATED = fragment(',"truncated":true');
const READ_TIME = fragment(',"time":"read"');
const COMMA = 0x2c;
const CLOSE = 0x7d;
const QUOTE = 0x22;
const MINUS = 0x2d;

/** What records of one origin (source, logger, program, host, level, format) share. */
interface Shared {
  /** From the end of the message to the offset: level, logger, file. */
  readonly log: Uint8Array;
  /** After the offset: service and host. */
  readonly service: Uint8Array;
  /** The beginning of `event`, up to the id. */
  readonly event: Uint8Array;
}

/**
 * Writes records as JSON in the Elastic Common Schema (https://www.elastic.co/guide/en/ecs/current/), with OpenStack's identifiers under
 * `openstack` and what trilog found under `trilog`.
 */
export class EcsEncoder {
  readonly #json: JsonBytes;
  readonly #capacity: number;
  readonly #shared = new Map<string, Map<string, Shared>>();
  readonly #identities = new Map<string, { readonly context: RequestContext; readonly bytes: Uint8Array }>();
  readonly #verdicts = new Map<string, { readonly label: string; readonly confidence: number; readonly bytes: Uint8Array }>();
  readonly #events = new Map<EventClass, Uint8Array>();
  #source: Source | null = null;
  #sharedCount = 0;
  #second = Number.NaN;
  #secondText = '';

  /** `capacity`: bytes that are held before {@link take} must be called. */
  constructor(capacity = 65_536) {
    this.#capacity = capacity;
    this.#json = new JsonBytes(capacity);
  }

  /** One JSON object without a line end. `now` stands in for a time that the record does not have. */
  encode(record: LogRecord, now: () => number = Date.now): string {
    this.take();
    this.#makeRoom(mostBytes(record));
    this.#add(record, now);
    return this.take().toString();
  }

  /** What was added since the last time. The bytes are overwritten by what is added next. */
  take(): Buffer {
    const bytes = this.#json.buffer.subarray(0, this.#json.at);
    this.#json.at = 0;
    return bytes;
  }

  /** Bytes that were added since the last {@link take}. */
  get length(): number {
    return this.#json.at;
  }

  /** As {@link take}, but the bytes are the caller's from now on; the encoder goes on in `buffer`. */
  exchange(buffer: Buffer): Buffer {
    const bytes = this.take();
    this.#json.buffer = buffer;
    return bytes;
  }

  /** Adds a record with a line end; false, and nothing is added, where it may not fit behind those before it. The first always fits. */
  addLine(record: LogRecord): boolean {
    const json = this.#json;
    const most = mostBytes(record);
    if (json.at > 0 && json.at + most > json.buffer.length) return false;
    this.#makeRoom(most);
    this.#add(record, Date.now);
    json.buffer[json.at++] = 10;
    return true;
  }

  #add(record: LogRecord, now: () => number): void {
    const json = this.#json;
    const { context, http, event, error } = record;
    const shared = this.#sharedOf(record);
    const timed = !Number.isNaN(plausibleTime(record.timestamp));
    json.bytes(TIME);
    this.#time(timed ? record.timestamp : now());
    json.bytes(MESSAGE);
    json.string(record.message);
    json.bytes(shared.log);
    json.number(record.offset);
    if (record.functionName !== '' || record.filePath !== '') this.#object(',"origin":', originOf(record));
    json.bytes(shared.service);
    if (record.pid > 0) {
      json.bytes(PID);
      json.number(record.pid);
      json.buffer[json.at++] = CLOSE;
    }
    json.bytes(shared.event);
    this.#id(record);
    if (http !== null && http.duration >= 0) {
      json.bytes(DURATION);
      // ECS counts in nanoseconds.
      json.number(Math.round(http.duration * 1e9));
    }
    if (event !== null) json.bytes(this.#eventOf(event));
    json.buffer[json.at++] = CLOSE;
    if (error !== null) this.#object(',"error":', errorOf(error));
    if (http !== null) this.#http(http);
    if (context !== null || record.instanceId !== '' || record.fields !== null) this.#openstack(record);
    json.bytes(this.#verdictOf(record));
    if (record.truncated) json.bytes(TRUNCATED);
    if (!timed) json.bytes(READ_TIME);
    json.buffer[json.at++] = CLOSE;
    json.buffer[json.at++] = CLOSE;
  }

  #makeRoom(bytes: number): void {
    const { buffer, at } = this.#json;
    if (at + bytes <= buffer.length && (at > 0 || buffer.length === this.#capacity)) return;
    const larger = Buffer.allocUnsafeSlow(Math.max(this.#capacity, at + bytes));
    buffer.copy(larger, 0, 0, at);
    this.#json.buffer = larger;
  }

  /** ISO 8601 in UTC up to the milliseconds; all before them is the same for every record of a second. */
  #time(timestamp: number): void {
    const json = this.#json;
    const second = Math.floor(timestamp / 1000);
    if (second !== this.#second) {
      this.#second = second;
      this.#secondText = new Date(second * 1000).toISOString().slice(0, -4);
    }
    json.plain(this.#secondText);
    const ms = timestamp - second * 1000;
    if (ms < 100) json.buffer[json.at++] = 0x30;
    if (ms < 10) json.buffer[json.at++] = 0x30;
    json.number(ms);
  }

  #id(record: LogRecord): void {
    const json = this.#json;
    if (record.givenId === '') {
      // The id as text would be made only to be taken apart again.
      json.buffer[json.at++] = QUOTE;
      json.plain(record.source.id);
      json.buffer[json.at++] = MINUS;
      json.number(record.offset);
      json.buffer[json.at++] = MINUS;
      json.number(record.checksum);
      json.buffer[json.at++] = QUOTE;
    } else json.string(record.givenId);
  }

  #http(exchange: HttpExchange): void {
    const json = this.#json;
    const { method, path, version, status, bytes, clientIp, userAgent, referrer } = exchange;
    const question = path.indexOf('?');
    json.plain(',"http":{');
    if (version !== '') this.#member('"version":', version, ',');
    json.plain('"request":{');
    if (referrer !== '') this.#member('"referrer":', referrer, ',');
    this.#member('"method":', method, '},"response":{');
    if (bytes >= 0) {
      json.plain('"body":{"bytes":');
      json.number(bytes);
      json.plain('},');
    }
    json.plain('"status_code":');
    json.number(status);
    this.#member('}},"url":{"path":', question < 0 ? path : path.slice(0, question), '');
    if (question >= 0) this.#member(',"query":', path.slice(question + 1), '');
    json.buffer[json.at++] = CLOSE;
    if (clientIp !== '') this.#member(',"client":{"address":', clientIp, '}');
    if (userAgent !== '') this.#member(',"user_agent":{"original":', userAgent, '}');
  }

  #member(before: string, value: string, after: string): void {
    this.#json.plain(before);
    this.#json.string(value);
    this.#json.plain(after);
  }

  #object(before: string, value: object): void {
    this.#json.plain(before);
    this.#json.json(value);
  }

  #openstack({ context, instanceId, fields }: LogRecord): void {
    const json = this.#json;
    json.bytes(OPENSTACK);
    const start = json.at;
    if (context !== null) {
      if (context.requestId !== '') this.#entry(REQUEST_ID, context.requestId);
      if (context.globalRequestId !== '') this.#entry(GLOBAL_REQUEST_ID, context.globalRequestId);
      json.bytes(this.#identityOf(context));
    }
    if (instanceId !== '') this.#entry(INSTANCE_ID, instanceId);
    if (fields !== null) {
      json.bytes(EXTRA);
      json.json(fields);
      json.buffer[json.at++] = COMMA;
    }
    // The last member leaves a comma behind.
    if (json.at > start) json.at--;
    json.buffer[json.at++] = CLOSE;
  }

  #entry(name: Uint8Array, value: string): void {
    this.#json.bytes(name);
    this.#json.string(value);
    this.#json.buffer[this.#json.at++] = COMMA;
  }

  #sharedOf(record: LogRecord): Shared {
    const { source, logger, level } = record;
    if (this.#source !== source || this.#sharedCount > MAX_FRAGMENTS) {
      this.#shared.clear();
      this.#sharedCount = 0;
      this.#source = source;
    }
    // Most sources differ in logger and level only; lines that name their own program, host or form are few.
    const plain = record.program === source.program && record.host === source.host && record.format === 'oslo';
    const key = plain ? level : `${level}\n${record.program}\n${record.host}\n${record.format}`;
    const shared = this.#shared.get(logger)?.get(key);
    return shared ?? this.#share(record, key);
  }

  #share(record: LogRecord, key: string): Shared {
    const shared = sharedBy(record);
    if (key.length + record.logger.length > MAX_KEY_LENGTH) return shared;
    const ofLogger = this.#shared.get(record.logger);
    if (ofLogger === undefined) this.#shared.set(detached(record.logger), new Map([[key, shared]]));
    else ofLogger.set(key, shared);
    this.#sharedCount++;
    return shared;
  }

  #eventOf(event: EventClass): Uint8Array {
    let bytes = this.#events.get(event);
    if (bytes === undefined) {
      bytes = fragment(event.json);
      this.#events.set(event, bytes);
    }
    return bytes;
  }

  /** The same users ask again and again. */
  #identityOf(context: RequestContext): Uint8Array {
    const known = this.#identities.get(context.userId);
    if (known !== undefined && sameIdentity(known.context, context)) return known.bytes;
    // A copy through JSON: what is kept must not hold the block that the line was read in.
    const copy = JSON.parse(JSON.stringify(context)) as RequestContext;
    const bytes = fragment(identityJson(copy));
    if (bytes.length > MAX_KEY_LENGTH) return bytes;
    if (this.#identities.size >= MAX_FRAGMENTS) this.#identities.clear();
    this.#identities.set(copy.userId, { context: copy, bytes });
    return bytes;
  }

  #verdictOf(record: LogRecord): Uint8Array {
    if ((record.stage !== 'rule' && record.templateId === '') || record.format !== 'oslo' || record.novel) return verdictBytes(record);
    // A template's id says its logger and level too; what it is answered may change while the agent runs.
    const key = record.rule || record.templateId;
    const known = this.#verdicts.get(key);
    if (known !== undefined && known.label === record.label && known.confidence === record.confidence) return known.bytes;
    const verdict = { label: record.label, confidence: record.confidence, bytes: verdictBytes(record) };
    if (this.#verdicts.size >= MAX_FRAGMENTS) this.#verdicts.clear();
    this.#verdicts.set(detached(key), verdict);
    return verdict.bytes;
  }
}

/** An upper bound of a record's size. */
function mostBytes(record: LogRecord): number {
  const { message, error, http, fields, context } = record;
  let units = message.length + record.program.length + record.host.length + record.logger.length + record.functionName.length;
  units += record.filePath.length + record.instanceId.length + record.givenId.length + record.source.name.length + record.source.id.length;
  units += record.template.length + record.templateId.length + record.label.length + record.rule.length;
  if (record.guess !== null) units += record.guess.label.length;
  if (error !== null) units += error.type.length + error.message.length + error.stackTrace.length;
  if (http !== null) units += http.path.length + http.userAgent.length + http.referrer.length + http.clientIp.length + http.method.length;
  if (http !== null) units += http.version.length;
  if (context !== null) {
    units += context.requestId.length + context.globalRequestId.length + context.userId.length + context.projectId.length;
    units += context.domainId.length + context.systemScope.length + context.userDomainId.length + context.projectDomainId.length;
  }
  if (fields !== null) units += JSON.stringify(fields).length;
  return units * BYTES_PER_UNIT + FIXED_BYTES;
}

function sharedBy(record: LogRecord): Shared {
  const service = serviceName(record);
  const level = record.level === '' ? '' : `"level":"${record.level}",`;
  const logger = record.logger === '' ? '' : `"logger":${JSON.stringify(record.logger)},`;
  const named = service === '' ? '' : `"service":{"name":${JSON.stringify(service)}},`;
  return {
    log: fragment(`,"log":{${level}${logger}"file":{"path":${JSON.stringify(record.source.name)}},"offset":`),
    service: fragment(`},${named}"host":{"name":${JSON.stringify(record.host)}}`),
    event: fragment(`,"event":{"dataset":${JSON.stringify(datasetOf(record))},"id":`),
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

function originOf(record: LogRecord): object {
  const file = record.filePath === '' ? undefined : { name: record.filePath, line: record.fileLine };
  return { function: record.functionName || undefined, file };
}

function errorOf({ type, message, stackTrace }: RecordError): object {
  return { type: type || undefined, message: message || undefined, stack_trace: stackTrace || undefined };
}

/** All of a context that belongs to its user, as members with a comma behind each. */
function identityJson(context: RequestContext): string {
  const members = {
    user_id: context.userId,
    project_id: context.projectId,
    domain_id: context.domainId,
    system_scope: context.systemScope,
    user_domain_id: context.userDomainId,
    project_domain_id: context.projectDomainId,
  };
  const given = Object.entries(members).filter(([, value]) => value !== '');
  return given.map(([name, value]) => `"${name}":${JSON.stringify(value)},`).join('');
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

function verdictBytes({ label, confidence, stage, rule, guess, template, templateId, novel, format }: LogRecord): Uint8Array {
  const ofTemplate = templateId === '' ? null : { template, template_id: templateId, novel };
  const json = JSON.stringify({ label, confidence, stage, rule: rule || undefined, guess: guess ?? undefined, ...ofTemplate, format });
  return fragment(`,"trilog":${json.slice(0, -1)}`);
}

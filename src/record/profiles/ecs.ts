import { detached } from '../detached.js';
import type { EventClass } from '../event-class.js';
import { plausibleTime } from '../plausible.js';
import type { HttpExchange, Identity, LogRecord, RecordError } from '../record.js';
import type { Source } from '../source.js';
import { fragment, JsonBytes } from './json-bytes.js';

/** What comes from log text is without number: past this many the remembered fragments are forgotten. */
const MAX_FRAGMENTS = 2048;
/** What is longer than names and ids are is not worth remembering. */
const MAX_KEY_LENGTH = 1024;

const MESSAGE = fragment('Z","message":');
const PID = fragment(',"process":{"pid":');
const OPENSTACK = fragment(',"openstack":{');
const REQUEST_ID = fragment('"request_id":');
const GLOBAL_REQUEST_ID = fragment('"global_request_id":');
const INSTANCE_ID = fragment('"instance_id":');
const EXTRA = fragment('"extra":');
const LOG = fragment(',"log":{');
const OFFSET = fragment('"offset":');
const DURATION = fragment(',"duration":');
const TRUNCATED = fragment(',"truncated":true');
const READ_TIME = fragment(',"time":"read"');
const COMMA = 0x2c;
const CLOSE = 0x7d;
const QUOTE = 0x22;
const MINUS = 0x2d;

/** What records of one origin (source, logger, program, host, level, format) share, from the offset to the id. */
interface Shared {
  /** Up to where the id begins that another trilog gave. */
  readonly bytes: Uint8Array;
  /** Up to the position in the id that trilog makes. */
  readonly withId: Uint8Array;
}

/**
 * Writes records as JSON in the Elastic Common Schema (https://www.elastic.co/guide/en/ecs/current/), with OpenStack's identifiers under
 * `openstack` and what trilog found under `trilog`.
 */
export class EcsEncoder {
  readonly #json: JsonBytes;
  readonly #shared = new Map<string, Map<string, Shared>>();
  readonly #identities = new Map<Identity, Uint8Array>();
  readonly #verdicts = new Map<EventClass, Map<string, Uint8Array>>();
  #verdictCount = 0;
  readonly #answers = new Map<string, { readonly label: string; readonly confidence: number; readonly bytes: Uint8Array }>();
  #source: Source | null = null;
  #sharedCount = 0;
  #second = Number.NaN;
  /** The document's beginning, up to the milliseconds. */
  #secondBytes = fragment('');

  /** `capacity`: bytes to begin with; it grows as needed. */
  constructor(capacity = 65_536) {
    this.#json = new JsonBytes(capacity);
  }

  /** One JSON object without a line end. `now` stands in for a time that the record does not have. */
  encode(record: LogRecord, now: () => number = Date.now): string {
    this.clear();
    this.#add(record, now);
    return this.bytes.toString();
  }

  /** What was added since the last {@link clear}, in the encoder's memory. */
  get bytes(): Buffer {
    return this.#json.buffer.subarray(0, this.#json.at);
  }

  clear(): void {
    this.#json.at = 0;
  }

  /** Adds a record with a line end. */
  addLine(record: LogRecord): void {
    this.#add(record, Date.now);
    this.#json.buffer[this.#json.at++] = 10;
  }

  /** As {@link bytes}, but the memory is the caller's from now on; the encoder goes on in `buffer`. */
  exchange(buffer: Buffer): Buffer {
    const { bytes } = this;
    this.#json.buffer = buffer;
    this.#json.at = 0;
    return bytes;
  }

  /** What differs from record to record comes first, so that what is shared is few and large pieces. */
  #add(record: LogRecord, now: () => number): void {
    const json = this.#json;
    const { context, http, error } = record;
    const timed = !Number.isNaN(plausibleTime(record.timestamp));
    this.#time(timed ? record.timestamp : now());
    json.bytes(MESSAGE);
    json.string(record.message);
    if (error !== null) this.#object(',"error":', errorOf(error));
    if (http !== null) this.#http(http);
    if (record.pid > 0) {
      json.bytes(PID);
      json.number(record.pid);
      json.buffer[json.at++] = CLOSE;
    }
    if (context !== null || record.instanceId !== '' || record.fields !== null) this.#openstack(record);
    json.bytes(LOG);
    if (record.functionName !== '' || record.filePath !== '') {
      this.#object('"origin":', originOf(record));
      json.buffer[json.at++] = COMMA;
    }
    json.bytes(OFFSET);
    json.number(record.offset);
    this.#id(record, this.#sharedOf(record));
    if (http !== null && http.duration >= 0) {
      json.bytes(DURATION);
      // ECS counts in nanoseconds.
      json.number(Math.round(http.duration * 1e9));
    }
    json.bytes(this.#verdictOf(record));
    if (record.truncated) json.bytes(TRUNCATED);
    if (!timed) json.bytes(READ_TIME);
    json.buffer[json.at++] = CLOSE;
    json.buffer[json.at++] = CLOSE;
  }

  /** ISO 8601 in UTC; all before the milliseconds is the same for every record of a second. */
  #time(timestamp: number): void {
    const json = this.#json;
    const second = Math.floor(timestamp / 1000);
    if (second !== this.#second) {
      this.#second = second;
      this.#secondBytes = fragment(`{"@timestamp":"${new Date(second * 1000).toISOString().slice(0, -4)}`);
    }
    json.bytes(this.#secondBytes);
    const ms = timestamp - second * 1000;
    if (ms < 100) json.buffer[json.at++] = 0x30;
    if (ms < 10) json.buffer[json.at++] = 0x30;
    json.number(ms);
  }

  #id(record: LogRecord, shared: Shared): void {
    const json = this.#json;
    if (record.givenId === '') {
      // The id as text would be made only to be taken apart again.
      json.bytes(shared.withId);
      json.number(record.offset);
      json.buffer[json.at++] = MINUS;
      json.number(record.checksum);
      json.buffer[json.at++] = QUOTE;
    } else {
      json.bytes(shared.bytes);
      json.string(record.givenId);
    }
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
      json.bytes(this.#identityOf(context.identity));
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

  /** The same users ask again and again, and records of one share its object. */
  #identityOf(identity: Identity): Uint8Array {
    let bytes = this.#identities.get(identity);
    if (bytes === undefined) {
      bytes = fragment(identityJson(identity));
      if (this.#identities.size >= MAX_FRAGMENTS) this.#identities.clear();
      if (bytes.length <= MAX_KEY_LENGTH) this.#identities.set(identity, bytes);
    }
    return bytes;
  }

  #verdictOf(record: LogRecord): Uint8Array {
    const { event, rule } = record;
    if (record.format !== 'oslo') return verdictBytes(record);
    if (record.templateId !== '') return record.novel ? verdictBytes(record) : this.#answerOf(record);
    // An event belongs to one label.
    if (record.stage !== 'rule' || event === null) return verdictBytes(record);
    return this.#verdicts.get(event)?.get(rule) ?? this.#keepVerdict(event, rule, verdictBytes(record));
  }

  /** A template's id says its logger and level too; what it is answered may change while the agent runs. */
  #answerOf(record: LogRecord): Uint8Array {
    const known = this.#answers.get(record.templateId);
    if (known !== undefined && known.label === record.label && known.confidence === record.confidence) return known.bytes;
    const answer = { label: record.label, confidence: record.confidence, bytes: verdictBytes(record) };
    if (this.#answers.size >= MAX_FRAGMENTS) this.#answers.clear();
    this.#answers.set(detached(record.templateId), answer);
    return answer.bytes;
  }

  #keepVerdict(event: EventClass, rule: string, bytes: Uint8Array): Uint8Array {
    if (this.#verdictCount++ >= MAX_FRAGMENTS) {
      this.#verdicts.clear();
      this.#verdictCount = 0;
    }
    const ofEvent = this.#verdicts.get(event);
    if (ofEvent === undefined) this.#verdicts.set(event, new Map([[rule, bytes]]));
    else ofEvent.set(rule, bytes);
    return bytes;
  }
}

function sharedBy(record: LogRecord): Shared {
  const service = serviceName(record);
  const level = record.level === '' ? '' : `"level":"${record.level}",`;
  const logger = record.logger === '' ? '' : `"logger":${JSON.stringify(record.logger)},`;
  const named = service === '' ? '' : `"service":{"name":${JSON.stringify(service)}},`;
  const log = `,${level}${logger}"file":{"path":${JSON.stringify(record.source.name)}}}`;
  const origin = `,${named}"host":{"name":${JSON.stringify(record.host)}},"event":{"dataset":${JSON.stringify(datasetOf(record))},"id":`;
  return { bytes: fragment(log + origin), withId: fragment(`${log}${origin}"${record.source.id}-`) };
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

/** As members with a comma behind each. */
function identityJson(identity: Identity): string {
  const members = {
    user_id: identity.userId,
    project_id: identity.projectId,
    domain_id: identity.domainId,
    system_scope: identity.systemScope,
    user_domain_id: identity.userDomainId,
    project_domain_id: identity.projectDomainId,
  };
  const given = Object.entries(members).filter(([, value]) => value !== '');
  return given.map(([name, value]) => `"${name}":${JSON.stringify(value)},`).join('');
}

/** The end of `event`, and `trilog` without its end. */
function verdictBytes(record: LogRecord): Uint8Array {
  const { event, label, confidence, stage, rule, guess, template, templateId, novel, format } = record;
  const ofTemplate = templateId === '' ? null : { template, template_id: templateId, novel };
  const json = JSON.stringify({ label, confidence, stage, rule: rule || undefined, guess: guess ?? undefined, ...ofTemplate, format });
  return fragment(`${event?.json ?? ''}},"trilog":${json.slice(0, -1)}`);
}

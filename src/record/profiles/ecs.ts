import { plausibleTime } from '../plausible.js';
import type { HttpExchange, LogRecord, RecordError } from '../record.js';
import type { DocumentOptions, DocumentWriter } from './document-writer.js';
import { EcsFragments, type Shared } from './ecs-fragments.js';
import { fragment, JsonBytes } from './json-bytes.js';
import { tameFields } from './tame-fields.js';

const MESSAGE = fragment('Z","message":');
const PID = fragment(',"process":{"pid":');
const OPENSTACK = fragment(',"openstack":{');
const REQUEST_ID = fragment('"request_id":');
const GLOBAL_REQUEST_ID = fragment('"global_request_id":');
const INSTANCE_ID = fragment('"instance_id":');
const EXTRA = fragment('"extra":');
const EXTRA_JSON = fragment('"extra_json":');
const LOG = fragment(',"log":{');
const OFFSET = fragment('"offset":');
const DURATION = fragment(',"duration":');
const TRUNCATED = fragment(',"truncated":true');
const READ_TIME = fragment(',"time":"read"');
const COMMA = 0x2c;
const CLOSE = 0x7d;
const QUOTE = 0x22;
const MINUS = 0x2d;

/**
 * Writes records as JSON in the Elastic Common Schema (https://www.elastic.co/guide/en/ecs/current/), with OpenStack's identifiers under
 * `openstack` and what trilog found under `trilog`.
 */
export class EcsEncoder implements DocumentWriter {
  readonly #json: JsonBytes;
  readonly #tame: boolean;
  readonly #fragments = new EcsFragments();
  #second = Number.NaN;
  /** The document's beginning, up to the milliseconds. */
  #secondBytes = fragment('');

  /** `capacity`: bytes to begin with; it grows as needed. */
  constructor(capacity = 65_536, options: DocumentOptions = {}) {
    this.#json = new JsonBytes(capacity);
    this.#tame = options.tame ?? false;
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

  add(record: LogRecord): void {
    this.#add(record, Date.now);
  }

  text(text: string): void {
    this.#json.plain(text);
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
    if (record.functionName !== '' || record.filePath !== '' || record.fileLine > 0) {
      this.#object('"origin":', originOf(record));
      json.buffer[json.at++] = COMMA;
    }
    json.bytes(OFFSET);
    json.number(record.offset);
    this.#id(record, this.#fragments.sharedOf(record));
    if (http !== null && http.duration >= 0) {
      json.bytes(DURATION);
      // ECS counts in nanoseconds.
      json.number(Math.round(http.duration * 1e9));
    }
    json.bytes(this.#fragments.verdictOf(record));
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
    json.plain(',"http":{');
    const start = json.at;
    if (version !== '') this.#member('"version":', version, ',');
    if (method !== '' || referrer !== '') {
      json.plain('"request":{');
      if (referrer !== '') this.#member('"referrer":', referrer, method === '' ? '' : ',');
      if (method !== '') this.#member('"method":', method, '');
      json.plain('},');
    }
    if (bytes >= 0 || status >= 0) {
      json.plain('"response":{');
      if (bytes >= 0) {
        json.plain('"body":{"bytes":');
        json.number(bytes);
        json.plain(status < 0 ? '}' : '},');
      }
      if (status >= 0) {
        json.plain('"status_code":');
        json.number(status);
      }
      json.plain('},');
    }
    // The last member leaves a comma behind.
    if (json.at > start) json.at--;
    json.buffer[json.at++] = CLOSE;
    if (path !== '') this.#url(path);
    if (clientIp !== '') this.#member(',"client":{"address":', clientIp, '}');
    if (userAgent !== '') this.#member(',"user_agent":{"original":', userAgent, '}');
  }

  #url(path: string): void {
    const question = path.indexOf('?');
    this.#member(',"url":{"path":', question < 0 ? path : path.slice(0, question), '');
    if (question >= 0) this.#member(',"query":', path.slice(question + 1), '');
    this.#json.buffer[this.#json.at++] = CLOSE;
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
      json.bytes(this.#fragments.identityOf(context.identity));
    }
    if (instanceId !== '') this.#entry(INSTANCE_ID, instanceId);
    if (fields !== null) this.#extra(fields);
    // The last member leaves a comma behind.
    if (json.at > start) json.at--;
    json.buffer[json.at++] = CLOSE;
  }

  #extra(fields: Readonly<Record<string, unknown>>): void {
    const json = this.#json;
    const { extra, json: whole } = this.#tame ? tameFields(fields) : { extra: fields, json: '' };
    if (extra !== null) {
      json.bytes(EXTRA);
      json.json(extra);
      json.buffer[json.at++] = COMMA;
    }
    if (whole !== '') this.#entry(EXTRA_JSON, whole);
  }

  #entry(name: Uint8Array, value: string): void {
    this.#json.bytes(name);
    this.#json.string(value);
    this.#json.buffer[this.#json.at++] = COMMA;
  }
}

function originOf({ functionName, filePath, fileLine }: LogRecord): object {
  const file = filePath === '' && fileLine === 0 ? undefined : { name: filePath || undefined, line: fileLine || undefined };
  return { function: functionName || undefined, file };
}

function errorOf({ type, message, stackTrace }: RecordError): object {
  return { type: type || undefined, message: message || undefined, stack_trace: stackTrace || undefined };
}

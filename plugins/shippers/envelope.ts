import { isObject, type JsonObject } from '../../src/record/json-object.js';
import { programOf } from '../../src/record/log-name.js';
import { plausibleTime } from '../../src/record/plausible.js';
import { tailedLine } from './tailed.js';

/** A raw line as a shipper brought it: what it said, and what the wrapping knows of it. Absent values are empty, the time NaN. */
export interface Enclosed {
  readonly text: string;
  readonly host: string;
  readonly program: string;
  /** Of the file that the line stood in. */
  readonly path: string;
  /** Milliseconds since the epoch. */
  readonly time: number;
  /** What else is worth keeping; null for nothing. */
  readonly fields: Readonly<Record<string, unknown>> | null;
}

/** More of them in one message are not taken apart. */
const MOST_RECORDS = 4096;
const LONGEST_NAME = 255;
const LONGEST_PATH = 1024;
const NOTHING: JsonObject = {};
const ANYTHING = { beat: true, otel: true, tailed: true };

/** Keys that records of programs have, and lines that were only tailed do not: such objects are the decoders'. Inside a text a quote has a backslash. */
const OF_A_PROGRAM = ['"level"', '"levelname"', '"log_level"', '"severity"', '"Payload"', '"msg"'] as const;

/**
 * The lines in a wrapping of a shipper: a Filebeat (or other Beat's) event, an OpenTelemetry log record by itself or in a request of OTLP (JSON
 * encoding, https://opentelemetry.io/docs/specs/otlp/#json-protobuf-encoding) with any number of them, a line that Fluentd or Fluent Bit tailed. Null
 * for anything else: other JSON too, which the decoders know or do not. Never throws.
 */
export function openEnvelope(value: string): readonly Enclosed[] | null {
  // Cheap tests first: oslo's and kolla's records are parsed once, by their decoder.
  const beat = value.includes('"@timestamp"') && value.includes('"message"') && !value.includes('"trilog"');
  const otel = value.includes('"body"') && (value.includes('nix') || value.includes('ttributes') || value.includes('esource'));
  const tailed = (value.includes('"log"') || value.includes('"message"')) && !OF_A_PROGRAM.some((key) => value.includes(key));
  if (!beat && !otel && !tailed) return null;
  let object: unknown;
  try {
    object = JSON.parse(value);
  } catch {
    return null;
  }
  if (!isObject(object)) return null;
  return openObject(object, { beat, otel, tailed });
}

/** As {@link openEnvelope}, of an object that is parsed already. @param may what it can be, where that is known. */
export function openObject(
  object: JsonObject,
  may: { readonly beat: boolean; readonly otel: boolean; readonly tailed: boolean } = ANYTHING,
): readonly Enclosed[] | null {
  const lines = Array.isArray(object['resourceLogs']) ? otlpRequest(object['resourceLogs']) : null;
  if (lines !== null) return lines.length > 0 ? lines : null;
  const one =
    (may.beat ? beatEvent(object) : null) ??
    (may.otel ? otelRecord(object, object, part(object, 'resource')) : null) ??
    (may.tailed ? tailedRecord(object) : null);
  return one === null ? null : [one];
}

/** An event of a Beat says which agent sent it, or which input it came from; other objects with a message are records of programs. */
function beatEvent(object: JsonObject): Enclosed | null {
  const text = object['message'];
  if (typeof text !== 'string' || typeof object['@timestamp'] !== 'string' || typeof object['levelname'] === 'string') return null;
  const file = part(part(object, 'log'), 'file');
  const shipped = isObject(object['agent']) || isObject(object['beat']) || isObject(object['input']) || typeof file['path'] === 'string';
  if (!shipped) return null;
  const path = name(file['path'], LONGEST_PATH) || name(object['source'], LONGEST_PATH);
  const host = part(object, 'host');
  const container = part(object, 'container');
  return {
    text: withoutEnd(text),
    host: name(host['name']) || name(host['hostname']) || name(object['host']) || name(part(object, 'agent')['hostname']),
    program: name(part(object, 'service')['name']) || name(container['name']) || (path === '' ? '' : programOf(path)),
    path,
    time: timeOf(object['@timestamp']),
    fields: null,
  };
}

function tailedRecord(object: JsonObject): Enclosed | null {
  const tailed = tailedLine(object);
  if (tailed === null) return null;
  const path = name(tailed.path, LONGEST_PATH);
  const { time } = tailed;
  return {
    text: withoutEnd(tailed.text),
    host: name(tailed.host),
    program: name(tailed.program) || (path === '' ? '' : programOf(path)),
    path,
    // Fluent Bit writes seconds since the epoch, with a fraction.
    time: typeof time === 'number' ? plausibleTime(Math.floor(time * 1000)) : timeOf(time),
    fields: null,
  };
}

function otlpRequest(resources: readonly unknown[]): Enclosed[] | null {
  const lines: Enclosed[] = [];
  for (const entry of resources) {
    const resource = part(entry, 'resource');
    for (const scope of list(entry, 'scopeLogs')) {
      for (const record of list(scope, 'logRecords')) {
        const line = isObject(record) ? otelRecord(record, record, resource) : null;
        // What has no text is not to be lost: the message stays as it is.
        if (line === null || lines.length === MOST_RECORDS) return [];
        lines.push(line);
      }
    }
  }
  return lines;
}

/** By the log data model, https://opentelemetry.io/docs/specs/otel/logs/data-model/. */
function otelRecord(record: JsonObject, object: JsonObject, resource: JsonObject): Enclosed | null {
  const body = record['body'];
  const text = typeof body === 'string' ? body : isObject(body) ? (body['stringValue'] ?? body['text']) : null;
  if (typeof text !== 'string') return null;
  const own = record['attributes'];
  const attributes = resource['attributes'];
  const path = name(attribute(own, 'log.file.path'), LONGEST_PATH) || name(attribute(attributes, 'log.file.path'), LONGEST_PATH);
  const severity = name(record['severityText'] ?? record['severity_text']);
  return {
    text: withoutEnd(text),
    host: name(attribute(attributes, 'host.name')) || name(attribute(own, 'host.name')),
    program: name(attribute(attributes, 'service.name')) || name(attribute(own, 'service.name')) || (path === '' ? '' : programOf(path)),
    path,
    time: otelTime(object),
    fields: severity === '' ? null : { severity_text: severity },
  };
}

/** Nanoseconds since the epoch, a number in a string by the encoding; collectors' exporters also write ISO 8601. */
function otelTime(record: JsonObject): number {
  for (const key of ['timeUnixNano', 'time_unix_nano', 'observedTimeUnixNano', 'observed_time_unix_nano']) {
    const nano = record[key];
    const time = typeof nano === 'number' || typeof nano === 'string' ? Number(nano) : 0;
    if (time > 0) return plausibleTime(Math.floor(time / 1e6));
  }
  const time = timeOf(record['timestamp'] ?? record['@timestamp']);
  return Number.isNaN(time) ? timeOf(record['observed_timestamp']) : time;
}

/** From a list of key and value as the encoding has it, or from an object. */
function attribute(attributes: unknown, key: string): unknown {
  if (isObject(attributes)) return attributes[key];
  if (!Array.isArray(attributes)) return null;
  for (const entry of attributes) if (isObject(entry) && entry['key'] === key) return part(entry, 'value')['stringValue'];
  return null;
}

function part(value: unknown, key: string): JsonObject {
  const inner = isObject(value) ? value[key] : null;
  return isObject(inner) ? inner : NOTHING;
}

function list(value: unknown, key: string): readonly unknown[] {
  const inner = isObject(value) ? value[key] : null;
  return Array.isArray(inner) ? inner : [];
}

/** A name is short; whatever is longer is none. */
function name(value: unknown, longest = LONGEST_NAME): string {
  return typeof value === 'string' && value.length <= longest ? value : '';
}

function timeOf(value: unknown): number {
  return typeof value === 'string' && value.length <= 40 ? plausibleTime(Date.parse(value)) : Number.NaN;
}

function withoutEnd(text: string): string {
  return text.endsWith('\n') ? text.slice(0, text.endsWith('\r\n') ? -2 : -1) : text;
}

import { fieldsOf } from '../../../src/record/decoders/json.js';
import { isObject, type JsonObject } from '../../../src/record/json-object.js';
import { programOf } from '../../../src/record/log-name.js';
import { plain } from '../../shippers/codec.js';
import { type Enclosed, openObject } from '../../shippers/envelope.js';
import type { Entry } from './entries.js';
import { ownDocument } from './own-document.js';

/** Where inputs of Fluentd and Fluent Bit leave the text of a line: tail, forward and docker; systemd; syslog and programs. */
const TEXT_KEYS = ['log', 'MESSAGE', 'message', 'msg'] as const;
/** What says whose line it is; the first that is there counts. */
const HOST_KEYS = ['Hostname', 'hostname', 'host', '_HOSTNAME', 'host_name'] as const;
const PROGRAM_KEYS = ['programname', 'service', 'SYSLOG_IDENTIFIER', 'program', 'ident'] as const;
const PATH_KEYS = ['path', 'file', 'filename', 'file_path', 'filepath', 'tailed_path'] as const;
const LONGEST_NAME = 255;
const LONGEST_PATH = 1024;

/** By these a decoder knows the record of a program: oslo.log's formatters, kolla-ansible's fluentd. */
const OF_A_PROGRAM = ['Payload', 'levelname', 'funcname'] as const;

/**
 * The lines in an entry. A record that decoders know by its keys stays whole, as JSON; of others the text is the line, and what else the record had
 * are fields. Never empty, whatever the entry is.
 */
export function linesOf({ record, time, metadata }: Entry): readonly Enclosed[] {
  return linesIn(record).map((line) => ({
    ...line,
    time: Number.isNaN(line.time) ? time : line.time,
    fields: metadata === null ? line.fields : { ...line.fields, forward_metadata: metadata },
  }));
}

function linesIn(record: unknown): readonly Enclosed[] {
  if (typeof record === 'string') return [plain(record)];
  if (!isObject(record)) return [plain(JSON.stringify(record) ?? '')];
  const own = ownDocument(record);
  if (own !== null) return [own];
  if (OF_A_PROGRAM.some((key) => key in record)) return [asJson(record)];
  const opened = openObject(record);
  if (opened !== null) return opened;
  const key = TEXT_KEYS.find((name) => typeof record[name] === 'string');
  return [key === undefined ? asJson(record) : textWithFields(record, key)];
}

function asJson(record: JsonObject): Enclosed {
  // `filename` is the program's source file here.
  return {
    ...plain(JSON.stringify(record)),
    host: first(record, HOST_KEYS, LONGEST_NAME),
    program: first(record, PROGRAM_KEYS, LONGEST_NAME),
  };
}

function textWithFields(record: JsonObject, key: string): Enclosed {
  const text = record[key];
  const fields = fieldsOf(record, new Set([key]));
  const given = typeof text === 'string' ? text : '';
  return {
    ...plain(given.endsWith('\n') ? given.slice(0, -1) : given),
    ...whose(record),
    fields: Object.keys(fields).length > 0 ? fields : null,
  };
}

function whose(record: JsonObject): Pick<Enclosed, 'host' | 'program' | 'path'> {
  const path = first(record, PATH_KEYS, LONGEST_PATH);
  return {
    host: first(record, HOST_KEYS, LONGEST_NAME),
    program: first(record, PROGRAM_KEYS, LONGEST_NAME) || (path === '' ? '' : programOf(path)),
    path,
  };
}

/** A name is short; whatever is longer is none. */
function first(record: JsonObject, keys: readonly string[], longest: number): string {
  for (const key of keys) {
    const value = record[key];
    if (typeof value === 'string' && value !== '' && value.length <= longest) return value;
  }
  return '';
}

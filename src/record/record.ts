import type { EventClass } from './event-class.js';
import type { Source } from './source.js';

/** Severities of OpenStack logs, least first. Empty where the line has none. */
export const LEVELS = ['TRACE', 'DEBUG', 'INFO', 'WARNING', 'ERROR', 'CRITICAL'] as const;
export type Level = (typeof LEVELS)[number] | '';

/** The text form in which a record was found. `raw` is a line that no decoder knows: it is kept whole as the message. */
export const FORMATS = [
  'oslo',
  'oslo_json',
  'fluent_json',
  'kolla',
  'access',
  'swift',
  'ovs',
  'rabbitmq',
  'libvirt',
  'haproxy',
  'mariadb',
  'apache_error',
  'syslog',
  'python',
  'shell',
  'trilog',
  'raw',
] as const;
export type Format = (typeof FORMATS)[number];

/** Who asked. Absent values are empty. Records of the same user may share one. */
export interface Identity {
  readonly userId: string;
  readonly projectId: string;
  readonly domainId: string;
  readonly systemScope: string;
  readonly userDomainId: string;
  readonly projectDomainId: string;
}

export const NOBODY: Identity = { userId: '', projectId: '', domainId: '', systemScope: '', userDomainId: '', projectDomainId: '' };

/** The request that a record is about, from oslo.context's `[…]`. Absent values are empty. */
export interface RequestContext {
  readonly requestId: string;
  readonly globalRequestId: string;
  readonly identity: Identity;
}

/** The exception that a record reports: `type` as printed (dotted), `message` its first line, `stackTrace` the whole text with newlines. */
export interface RecordError {
  type: string;
  message: string;
  stackTrace: string;
}

/** One HTTP exchange, from an access line. Numbers are -1 where the line has none; `duration` is in seconds. */
export interface HttpExchange {
  clientIp: string;
  method: string;
  path: string;
  version: string;
  status: number;
  bytes: number;
  duration: number;
  userAgent: string;
  referrer: string;
}

/** Which stage of the cascade gave the label; `none` where nothing did. */
export type Stage = 'rule' | 'known' | 'bert' | 'llm' | 'none';

/** The label of a record that no stage could answer. */
export const UNCLASSIFIED = 'unclassified';

/**
 * One thing that a program said: a line, with the lines that continue it.
 *
 * Every field is always there (empty, not missing), so that all records have one shape and the engine keeps them fast.
 */
export class LogRecord {
  /** A hash of what the record begins with; see `id.ts`. */
  checksum = 0;
  /** The id that another trilog gave; empty for a record that was decoded here. */
  givenId = '';
  /** Milliseconds since the epoch; NaN where the line has no time or an impossible one. */
  timestamp = Number.NaN;
  level: Level = '';
  /** The dotted Python logger, the OVS module, the RabbitMQ category …; empty where the line has none. */
  logger = '';
  /** What was said, without header, context, instance prefix and debug suffix; may hold newlines. */
  message: string;
  format: Format = 'raw';
  /** The program that wrote it: from the line (a syslog tag) if it says so, else from the source. */
  program: string;
  host: string;
  /** Process id, 0 where the line has none. */
  pid = 0;
  context: RequestContext | null = null;
  /** The uuid in `[instance: …]`: a server, or another service's resource. */
  instanceId = '';
  /** From the suffix of a DEBUG line. */
  functionName = '';
  filePath = '';
  fileLine = 0;
  error: RecordError | null = null;
  http: HttpExchange | null = null;
  /** What else the line carried, by its own names; rules' captures come here too. */
  fields: Record<string, unknown> | null = null;
  /** The line was cut at `max_line_bytes`, or the record at the joiner's bounds. */
  truncated = false;

  label = UNCLASSIFIED;
  /** 0 to 1; a rule's answer is 1. */
  confidence = 0;
  stage: Stage = 'none';
  /** Id of the rule that won, else empty. */
  rule = '';
  /** The likeliest label where no stage was sure enough; null where there is none. */
  guess: { readonly label: string; readonly confidence: number } | null = null;
  /** The message without its values; empty where a stage answered that does not need it. */
  template = '';
  /** Names the template of this logger and level. */
  templateId = '';
  /** The first record of its template that was ever seen here. */
  novel = false;
  /** How the label reads in the Elastic Common Schema; null without a label. */
  event: EventClass | null = null;

  /** Deterministic: the same record read again has the same id. Made when asked for. */
  get id(): string {
    return this.givenId === '' ? `${this.source.id}-${this.offset}-${this.checksum}` : this.givenId;
  }

  constructor(
    readonly source: Source,
    /** Position of the record's first line in its source. */
    readonly offset: number,
    message: string,
  ) {
    this.message = message;
    this.program = source.program;
    this.host = source.host;
  }
}

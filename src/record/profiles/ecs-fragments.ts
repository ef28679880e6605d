import { detached } from '../detached.js';
import type { EventClass } from '../event-class.js';
import type { Identity, LogRecord } from '../record.js';
import type { Source } from '../source.js';
import { fragment } from './json-bytes.js';
import { verdictOf } from './verdict.js';

/** What comes from log text is without number: past this many the remembered fragments are forgotten. */
const MAX_FRAGMENTS = 2048;
/** What is longer than names and ids are is not worth remembering. */
const MAX_KEY_LENGTH = 1024;

/** What records of one origin (source, logger, program, host, level, format) share, from the offset to the id. */
export interface Shared {
  /** Up to where the id begins that another trilog gave. */
  readonly bytes: Uint8Array;
  /** Up to the position in the id that trilog makes. */
  readonly withId: Uint8Array;
}

/** The parts of ECS documents that many records share, as bytes; each is made once and remembered. */
export class EcsFragments {
  readonly #shared = new Map<string, Map<string, Shared>>();
  readonly #identities = new Map<Identity, Uint8Array>();
  readonly #verdicts = new Map<EventClass, Map<string, Uint8Array>>();
  #verdictCount = 0;
  readonly #answers = new Map<string, { readonly label: string; readonly confidence: number; readonly bytes: Uint8Array }>();
  #source: Source | null = null;
  #sharedCount = 0;

  sharedOf(record: LogRecord): Shared {
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
  identityOf(identity: Identity): Uint8Array {
    let bytes = this.#identities.get(identity);
    if (bytes === undefined) {
      bytes = fragment(identityJson(identity));
      if (this.#identities.size >= MAX_FRAGMENTS) this.#identities.clear();
      if (bytes.length <= MAX_KEY_LENGTH) this.#identities.set(identity, bytes);
    }
    return bytes;
  }

  verdictOf(record: LogRecord): Uint8Array {
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
  return fragment(`${record.event?.json ?? ''}},"trilog":${JSON.stringify(verdictOf(record)).slice(0, -1)}`);
}

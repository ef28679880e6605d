import { detached } from '../../../src/record/detached.js';
import type { LogRecord } from '../../../src/record/record.js';

/** As node-rdkafka takes headers: one name and its value in each. */
export type Headers = Readonly<Record<string, string>>[];

/** What a header may say of a record; its name is `trilog-` and this. */
export const HEADER_NAMES = ['label', 'stage', 'level', 'id'] as const;
export type HeaderName = (typeof HEADER_NAMES)[number];

/** Another agent's id or label may be anything, in characters. */
const MAX_LENGTH = 512;
/** Labels are few; past this many (another agent may give any) the remembered headers are dropped. */
const MAX_REMEMBERED = 4096;

/** Those that many records have alike, and what they say. */
interface Known {
  readonly stage: string;
  readonly level: string;
  readonly headers: Headers;
}

/** The headers of records, without the id. Each are made once: what waits for its reports would else be moved by the collector. */
export class CommonHeaders {
  readonly #byLabel = new Map<string, Known[]>();
  #size = 0;

  constructor(readonly names: readonly HeaderName[]) {}

  of(record: LogRecord): Headers {
    const { label, stage, level } = record;
    const ofLabel = this.#byLabel.get(label);
    const known = ofLabel?.find((each) => each.stage === stage && each.level === level);
    if (known !== undefined) return known.headers;
    const headers = this.#make(record);
    if (label.length > MAX_LENGTH) return headers;
    if (this.#size++ >= MAX_REMEMBERED) {
      this.#byLabel.clear();
      this.#size = 1;
    }
    const entry = { stage, level, headers };
    const entries = this.#byLabel.get(label);
    if (entries === undefined) this.#byLabel.set(detached(label), [entry]);
    else entries.push(entry);
    return headers;
  }

  #make(record: LogRecord): Headers {
    const headers: Headers = [];
    for (const name of HEADER_NAMES) {
      const value = name === 'id' ? '' : record[name];
      if (value !== '' && this.names.includes(name)) headers.push({ [`trilog-${name}`]: bounded(value) });
    }
    return headers;
  }
}

/** The common headers, and the one with the id of the record. */
export function withId(common: Headers, id: string): Headers {
  return [...common, { 'trilog-id': bounded(id) }];
}

function bounded(text: string): string {
  return text.length > MAX_LENGTH ? text.slice(0, MAX_LENGTH) : text;
}

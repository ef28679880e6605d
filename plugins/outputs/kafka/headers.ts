import { detached } from '../../../src/record/detached.js';
import type { LogRecord } from '../../../src/record/record.js';

/** As node-rdkafka takes headers: one name and its value in each. */
export type Headers = Readonly<Record<string, string>>[];

/** Another agent's id or label may be anything, in characters. */
const MAX_LENGTH = 512;
/** Labels are few; past this many (another agent may give any) the remembered headers are dropped. */
const MAX_REMEMBERED = 4096;

/** What the headers of many records say alike. */
export interface Mark {
  readonly label: Readonly<Record<string, string>>;
  readonly stage: Readonly<Record<string, string>>;
  /** Null where the record has no level. */
  readonly level: Readonly<Record<string, string>> | null;
}

/** Makes each mark once, since what waits for its reports would else be moved by the collector. */
export class Marks {
  readonly #remembered = new Map<string, Mark>();

  of({ label, stage, level }: LogRecord): Mark {
    const key = `${stage}\n${level}\n${label}`;
    const known = this.#remembered.get(key);
    if (known !== undefined) return known;
    const mark: Mark = {
      label: { 'trilog-label': bounded(label) },
      stage: { 'trilog-stage': stage },
      level: level === '' ? null : { 'trilog-level': level },
    };
    if (this.#remembered.size >= MAX_REMEMBERED) this.#remembered.clear();
    if (label.length <= MAX_LENGTH) this.#remembered.set(detached(key), mark);
    return mark;
  }
}

/** @param id of the record */
export function headersOf({ label, stage, level }: Mark, id: string): Headers {
  const named = { 'trilog-id': bounded(id) };
  return level === null ? [label, stage, named] : [label, stage, named, level];
}

function bounded(text: string): string {
  return text.length > MAX_LENGTH ? text.slice(0, MAX_LENGTH) : text;
}

import { EventClass, type Outcome } from '../record/event-class.js';
import { isObject, type JsonObject } from '../record/json-object.js';
import { isOwnDocument, recordFromEcs } from '../record/profiles/ecs-reader.js';
import { LogRecord } from '../record/record.js';
import type { Source } from '../record/source.js';

/** A dead letter as it was read. */
export interface Letter {
  /** Names the letter: the same whenever it is read. */
  readonly key: string;
  /** The output that refused the record. */
  readonly output: string;
  readonly reason: string;
  /** What the record is classified as; empty where it does not say. */
  readonly label: string;
  /** The record's document, or the text that a plugin gave in its place. */
  readonly record: JsonObject | string;
  /** Size of the line. */
  readonly bytes: number;
}

/**
 * What a line of a file of dead letters is. `torn` was cut off by a crash: it never counted as stored, and its record came again.
 * `unreadable` is none of trilog's lines, or damaged.
 */
export type LetterLine = { readonly kind: 'letter'; readonly letter: Omit<Letter, 'key'> } | { readonly kind: 'torn' | 'unreadable' };

/** How each letter begins and ends. */
const START = '{"time":"';
const END = '}';

export function parseLine(line: string, bytes: number): LetterLine {
  let parsed: unknown;
  try {
    parsed = JSON.parse(line);
  } catch {
    const begun = line.length < START.length ? START.startsWith(line) : line.startsWith(START);
    return { kind: begun && !line.endsWith(END) ? 'torn' : 'unreadable' };
  }
  if (!isObject(parsed)) return { kind: 'unreadable' };
  const { output, reason, record } = parsed;
  if (typeof output !== 'string' || typeof reason !== 'string' || !(isObject(record) || typeof record === 'string'))
    return { kind: 'unreadable' };
  const trilog = typeof record === 'string' ? null : record['trilog'];
  const label = isObject(trilog) && typeof trilog['label'] === 'string' ? trilog['label'] : '';
  return { kind: 'letter', letter: { output, reason, label, record, bytes } };
}

/** Makes records of letters, with the ids that they had. */
export class LetterRecords {
  readonly #source: Source;
  readonly #events = new Map<string, EventClass>();

  /** @param host of records that name none */
  constructor(host: string) {
    this.#source = { id: 'replay', input: 'replay', name: 'dead-letters', program: '', host, timezone: 'Etc/UTC', format: 'auto' };
  }

  recordOf({ key, record: document }: Letter): LogRecord {
    if (typeof document === 'string') return this.#plain(document, key);
    const own: boolean = isOwnDocument(document);
    if (!own && typeof document['message'] !== 'string') return this.#plain(JSON.stringify(document), key);
    const record = recordFromEcs(document, this.#source);
    record.givenId ||= key;
    record.event = this.#eventOf(document, record.label);
    if (!own) {
      // A plugin may have given anything beside the message: it is not trilog's to drop.
      const { message: _, event: __, '@timestamp': ___, ...rest } = document;
      if (Object.keys(rest).length > 0) record.fields = { ...rest, ...record.fields };
    }
    return record;
  }

  #plain(message: string, key: string): LogRecord {
    const record = new LogRecord(this.#source, 0, message);
    record.givenId = key;
    return record;
  }

  /** An event belongs to one label, and the same label has the same object: encoders remember by it. */
  #eventOf(document: JsonObject, label: string): EventClass | null {
    const event = document['event'];
    if (!isObject(event)) return null;
    const { kind, category, type, outcome } = event;
    if (typeof kind !== 'string' || !isTexts(category) || !isTexts(type) || !isOutcome(outcome)) return null;
    const made = new EventClass(kind, category, type, outcome);
    const name = `${label}\n${made.json}`;
    const known = this.#events.get(name);
    if (known !== undefined) return known;
    if (this.#events.size >= MAX_EVENTS) this.#events.clear();
    this.#events.set(name, made);
    return made;
  }
}

/** A taxonomy has some dozens of labels with three outcomes each. */
const MAX_EVENTS = 1000;

function isTexts(value: unknown): value is string[] {
  return Array.isArray(value) && value.every((item) => typeof item === 'string');
}

function isOutcome(value: unknown): value is Outcome {
  return value === 'success' || value === 'failure' || value === 'unknown';
}

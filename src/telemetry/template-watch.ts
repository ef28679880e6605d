import { detached } from '../record/detached.js';
import type { Level, LogRecord, Stage } from '../record/record.js';

/** So many of the newest templates are kept. */
const NEWEST = 20;
/** Unclassified templates that are kept when there are twice as many. */
const KEPT = 200;
/** Of a template and of a logger, in characters. */
const MAX_TEMPLATE = 300;
const MAX_LOGGER = 80;

/** A template, as masked as the models read it. Times are milliseconds since the epoch. */
export interface SeenTemplate {
  readonly template: string;
  readonly logger: string;
  readonly level: Level;
}

export interface NewTemplate extends SeenTemplate {
  readonly at: number;
  readonly label: string;
  readonly stage: Stage;
}

export interface OpenTemplate extends SeenTemplate {
  /** At least: a template that was let go for others and came again is counted anew. */
  readonly records: number;
  readonly last: number;
  readonly guess: LogRecord['guess'];
}

type Counted = { -readonly [Key in keyof OpenTemplate]: OpenTemplate[Key] };
type Watched = Pick<LogRecord, 'template' | 'templateId' | 'logger' | 'program' | 'level' | 'label' | 'stage' | 'guess' | 'novel'>;

/** Which templates are new, and which leave without a label, by count. What it keeps is bounded whatever comes. */
export class TemplateWatch {
  #newest: NewTemplate[] = [];
  #open = new Map<string, Counted>();

  constructor(readonly now: () => number = Date.now) {}

  /** Records as they leave. Those that a stage answered which needs no template have none. */
  add(records: readonly Watched[]): void {
    for (const record of records) {
      if (record.templateId === '') continue;
      if (record.novel) this.#begin(record);
      if (record.stage === 'none') this.#count(record);
      else if (this.#open.size > 0) this.#open.delete(record.templateId);
    }
  }

  /** The last that were new, the newest first. */
  get newest(): readonly NewTemplate[] {
    return this.#newest.toReversed();
  }

  /** Those whose last record had no label, by count. */
  unclassified(most: number): readonly OpenTemplate[] {
    return [...this.#open.values()].sort(byCount).slice(0, most);
  }

  #begin(record: Watched): void {
    this.#newest.push({ ...seen(record), at: this.now(), label: record.label, stage: record.stage });
    if (this.#newest.length > NEWEST) this.#newest.shift();
  }

  #count(record: Watched): void {
    const { templateId, guess } = record;
    const known = this.#open.get(templateId);
    if (known !== undefined) {
      known.records++;
      known.last = this.now();
      known.guess = guess;
      return;
    }
    if (this.#open.size >= 2 * KEPT) this.#open = new Map([...this.#open].sort(([, a], [, b]) => byCount(a, b)).slice(0, KEPT));
    this.#open.set(detached(templateId), { ...seen(record), records: 1, last: this.now(), guess });
  }
}

function byCount(a: OpenTemplate, b: OpenTemplate): number {
  return b.records - a.records || b.last - a.last;
}

function seen({ template, logger, program, level }: Watched): SeenTemplate {
  const cut = (text: string, most: number): string => detached(text.length > most ? `${text.slice(0, most)}…` : text);
  return { template: cut(template, MAX_TEMPLATE), logger: cut(logger === '' ? program : logger, MAX_LOGGER), level };
}

import type { EventClass } from '../record/event-class.js';
import { type LogRecord, type Stage, UNCLASSIFIED } from '../record/record.js';
import type { Guess } from './bert/softmax.js';
import type { BertStage } from './bert/stage.js';
import { type EntryKey, MAX_LOGGER, templateId } from './memory/entry.js';
import type { Remembered, TemplateMemory } from './memory/template-memory.js';
import type { Taxonomy } from './taxonomy.js';
import { modelText } from './template/model-text.js';
import { templateOf } from './template/template.js';

/** Who says it: the logger or, where a format has none, the program. Cut, so that a hostile one costs no more than others. */
export function whereOf({ logger, program }: Pick<LogRecord, 'logger' | 'program'>): string {
  const where = logger === '' ? program : logger;
  return where.length > MAX_LOGGER ? where.slice(0, MAX_LOGGER) : where;
}

/** What the cascade says of all records of a template. */
export interface Verdict {
  readonly label: string;
  readonly confidence: number;
  readonly stage: Stage;
  /** The likeliest label, where it was not sure enough. */
  readonly guess: Guess | null;
  readonly event: EventClass | null;
}

/** A record whose template the model is being asked about. */
export interface Waiting {
  readonly record: LogRecord;
  readonly verdict: Promise<Remembered<Verdict>>;
  /** It is the record that the model was asked for; others have the same template. */
  readonly first: boolean;
  readonly novel: boolean;
}

/** What names the template of a record, and what the model is given for it. */
export function questionOf(record: Pick<LogRecord, 'level' | 'logger' | 'program' | 'message' | 'error'>): { key: EntryKey; text: string } {
  const key = { level: record.level, logger: whereOf(record), template: templateOf(record) };
  return { key, text: modelText(key.logger, key.level, key.template) };
}

/** The stages that answer by template: the memory, and for what it does not know the model. */
export class TemplateStages {
  /** Templates that the model is being asked about: one question each, however many records wait. */
  readonly #asked = new Map<string, Promise<Remembered<Verdict>>>();

  constructor(
    readonly bert: BertStage,
    readonly memory: TemplateMemory<Verdict>,
    readonly taxonomy: Taxonomy,
  ) {}

  /** Gives the record the verdict on its template; a promise where the model must be asked. */
  classify(record: LogRecord): Waiting | null {
    const { level } = record;
    const logger = whereOf(record);
    const template = templateOf(record);
    const known = this.memory.recent(level, logger, template);
    if (known !== undefined) {
      apply(record, known, false);
      return null;
    }
    return this.#lookUp(record, { level, logger, template });
  }

  /** Resolves when all records have the verdict that they wait for. */
  async settle(waiting: readonly Waiting[]): Promise<void> {
    for (const { record, verdict, first, novel } of waiting) {
      const remembered = await verdict;
      if (!first) this.memory.count(remembered);
      apply(record, remembered, novel);
    }
  }

  /** What a person wants to know of a record's template. Asks the model, whatever the memory has. */
  async explain(record: LogRecord): Promise<{ template: string; id: string; text: string; guesses: readonly Guess[] }> {
    const { key, text } = questionOf(record);
    return { template: key.template, id: templateId(key), text, guesses: (await this.bert.ask(text)) ?? [] };
  }

  async close(): Promise<void> {
    await this.bert.close();
    await this.memory.close();
  }

  #lookUp(record: LogRecord, key: EntryKey): Waiting | null {
    const id = templateId(key);
    const underWay = this.#asked.get(id);
    if (underWay !== undefined) return { record, verdict: underWay, first: false, novel: false };
    const { seen, answer } = this.memory.recall(key, id);
    if (answer !== null) {
      const remembered = this.memory.keep(key, id, this.#judge(answer.guesses, key));
      this.memory.count(remembered);
      apply(record, remembered, false);
      return null;
    }
    const verdict = this.#ask(key, id).finally(() => this.#asked.delete(id));
    this.#asked.set(id, verdict);
    return { record, verdict, first: true, novel: !seen };
  }

  async #ask(key: EntryKey, id: string): Promise<Remembered<Verdict>> {
    const guesses = await this.bert.ask(modelText(key.logger, key.level, key.template));
    // The model is out of order: it will be asked again when the template comes again.
    if (guesses === null) return { id, key, verdict: NOTHING, uses: 0 };
    if (guesses.length > 0) this.memory.learn(key, id, { model: this.memory.model, stage: 'bert', guesses: [...guesses] });
    return this.memory.keep(key, id, this.#judge(guesses, key));
  }

  #judge(guesses: readonly Guess[], { level }: EntryKey): Verdict {
    const [guess] = guesses;
    if (guess === undefined) return NOTHING;
    const label = this.taxonomy.labels.get(guess.label);
    if (label === undefined || !this.bert.accepts(guess)) return { label: UNCLASSIFIED, confidence: 0, stage: 'none', guess, event: null };
    return { label: guess.label, confidence: guess.confidence, stage: 'bert', guess: null, event: label.events.get(level) ?? null };
  }
}

const NOTHING: Verdict = { label: UNCLASSIFIED, confidence: 0, stage: 'none', guess: null, event: null };

/** The verdict on its template becomes the record's. */
function apply(record: LogRecord, { id, key, verdict }: Remembered<Verdict>, novel: boolean): void {
  record.label = verdict.label;
  record.confidence = verdict.confidence;
  record.stage = verdict.stage;
  record.event = verdict.event;
  record.guess = verdict.guess;
  record.rule = '';
  record.template = key.template;
  record.templateId = id;
  record.novel = novel;
}

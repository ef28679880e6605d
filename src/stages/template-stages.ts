import type { EventClass } from '../record/event-class.js';
import { type LogRecord, type Stage, UNCLASSIFIED } from '../record/record.js';
import type { Guess } from './bert/softmax.js';
import type { BertStage } from './bert/stage.js';
import { isForgotten } from './llm/answer.js';
import type { LlmStage } from './llm/stage.js';
import { type Entry, type EntryKey, type LlmAnswer, templateId } from './memory/entry.js';
import type { SharedAnswers } from './memory/shared-answers.js';
import type { Remembered, TemplateMemory } from './memory/template-memory.js';
import type { Taxonomy } from './taxonomy.js';
import { modelText } from './template/model-text.js';
import { questionOf, whereOf } from './template/question.js';
import { templateOf } from './template/template.js';

/** What the cascade says of all records of a template. */
export interface Verdict {
  readonly label: string;
  readonly confidence: number;
  readonly stage: Stage;
  /** The likeliest label, where it was not sure enough. */
  readonly guess: Guess | null;
  readonly event: EventClass | null;
  /** What the language model said; null where it was not asked, or has not answered. */
  readonly llm: LlmAnswer | null;
  /** It may say more. */
  readonly open: boolean;
}

/** The label of a template whose records went on without one. */
export interface LateAnswer {
  readonly templateId: string;
  readonly label: string;
  readonly confidence: number;
  readonly stage: Stage;
  readonly event: EventClass | null;
}

/** What is told of what goes on behind the records. */
export interface TemplateEvents {
  /** Counts something by name. */
  count(name: string, by?: number): void;
  /** The language model has answered for a template; records of it that were not held have left without the label. */
  late(answer: LateAnswer): void;
}

/** A record whose template a model is being asked about. */
export interface Waiting {
  readonly record: LogRecord;
  readonly verdict: Promise<Remembered<Verdict>>;
  /** The record is among those that the memory has counted already. */
  readonly counted: boolean;
  readonly novel: boolean;
}

/** A template that the language model is being asked about. */
interface Late {
  /** What records wait for; null where none does. */
  readonly held: Promise<Remembered<Verdict>> | null;
  /** When they stop waiting, in milliseconds since the epoch. */
  readonly until: number;
}

/** What a person wants to know of a template. */
export interface Explained {
  readonly template: string;
  readonly id: string;
  /** What BERT reads. */
  readonly text: string;
  /** BERT's; empty where there is none, or it gave no answer. */
  readonly guesses: readonly Guess[];
  /** The language model's; null where it was not asked. */
  readonly llm: LlmAnswer | null;
}

/** The stages that answer by template: the memory, for what it does not know BERT, and for what that is not sure of the language model. */
export class TemplateStages {
  /** Templates that BERT is being asked about: one question each, however many records wait. */
  readonly #asked = new Map<string, Promise<Remembered<Verdict>>>();
  /** The same for the language model. */
  readonly #late = new Map<string, Late>();

  constructor(
    readonly bert: BertStage | null,
    readonly llm: LlmStage | null,
    readonly memory: TemplateMemory<Verdict>,
    readonly taxonomy: Taxonomy,
    readonly events: TemplateEvents,
    /** What other agents' language models answered; null where they are on their own. */
    readonly shared: SharedAnswers | null = null,
  ) {}

  /** Begins to hear what other agents learn; until what they know is known here the language model is not asked. @throws TrilogError */
  async open(): Promise<void> {
    if (this.shared === null) return;
    this.llm?.hold(this.shared.caughtUp);
    await this.shared.open((id, answer) => this.#hear(id, answer));
  }

  /** Gives the record the verdict on its template; a promise where it has to wait for a model. */
  classify(record: LogRecord): Waiting | null {
    const { level } = record;
    const logger = whereOf(record);
    const template = templateOf(record);
    const known = this.memory.recent(level, logger, template);
    if (known === undefined) return this.#lookUp(record, { level, logger, template });
    return this.#applyOrWait(record, known, false);
  }

  /** Resolves when all records have the verdict that they wait for. */
  async settle(waiting: readonly Waiting[]): Promise<void> {
    for (const { record, verdict, counted, novel } of waiting) {
      const remembered = await verdict;
      if (!counted) this.memory.count(remembered);
      apply(record, remembered, novel);
    }
  }

  /** Of a record that was classified. Asks BERT, whatever the memory has; the language model is not asked again. */
  async explain(record: LogRecord): Promise<Explained> {
    const { key, text } = questionOf(record);
    const known = this.memory.recent(key.level, key.logger, key.template);
    const guesses = (await this.bert?.ask(text)) ?? [];
    return { template: key.template, id: templateId(key), text, guesses, llm: known?.verdict.llm ?? null };
  }

  async close(): Promise<void> {
    await this.llm?.close();
    // It tells nothing more at once, and may then wait for brokers longer than the memory's last write should.
    const shared = this.shared?.close();
    await this.bert?.close();
    await this.memory.close();
    await shared;
  }

  #lookUp(record: LogRecord, key: EntryKey): Waiting | null {
    const id = templateId(key);
    const underWay = this.#asked.get(id);
    if (underWay !== undefined) return { record, verdict: underWay, counted: false, novel: false };
    const entry = this.memory.recall(key, id);
    const guesses = this.#guessesOf(entry);
    if (guesses !== null) {
      if (entry === null) this.memory.learn(key, id, null);
      const remembered = this.memory.keep(key, id, this.#judge(key, guesses[0] ?? null, this.#llmAnswerOf(key, id, entry)));
      if (entry !== null) this.memory.count(remembered);
      return this.#applyOrWait(record, remembered, entry === null);
    }
    const verdict = this.#ask(key, id, entry).finally(() => this.#asked.delete(id));
    this.#asked.set(id, verdict);
    return { record, verdict, counted: true, novel: entry === null };
  }

  /** BERT's answer as the memory has it; null where BERT has to be asked. */
  #guessesOf(entry: Entry | null): readonly Guess[] | null {
    if (this.bert === null) return [];
    return entry?.answer?.model === this.bert.id ? entry.answer.guesses : null;
  }

  /** What the fleet says last counts, over what was answered here. */
  #llmAnswerOf(key: EntryKey, id: string, entry: Entry | null): LlmAnswer | null {
    const told = this.shared?.get(id) ?? null;
    if (told !== null) {
      if (!isSame(told, entry?.llm ?? null)) this.memory.learnLate(key, id, told);
      return told;
    }
    const answer = entry?.llm ?? null;
    if (answer === null || answer.model !== this.llm?.id) return null;
    return isForgotten(answer, this.memory.now()) ? null : answer;
  }

  async #ask(key: EntryKey, id: string, entry: Entry | null): Promise<Remembered<Verdict>> {
    const guesses = (await this.bert?.ask(modelText(key.logger, key.level, key.template))) ?? null;
    const verdict = this.#judge(key, guesses?.[0] ?? null, this.#llmAnswerOf(key, id, entry));
    // BERT is out of order: it will be asked again when the template comes again.
    if (guesses === null && !verdict.open) return { id, key, verdict, uses: 0 };
    if (guesses !== null && guesses.length > 0)
      this.memory.learn(key, id, { model: this.bert?.id ?? '', stage: 'bert', guesses: [...guesses] });
    const remembered = guesses === null ? { id, key, verdict, uses: 0 } : this.memory.keep(key, id, verdict);
    return this.#later(remembered) ?? remembered;
  }

  /** The record gets what is known of its template, or waits where the language model may know more soon. */
  #applyOrWait(record: LogRecord, known: Remembered<Verdict>, novel: boolean): Waiting | null {
    const later = this.#later(known);
    if (later !== null) return { record, verdict: later, counted: true, novel };
    if (known.verdict.stage === 'llm') this.events.count('llm.cache_hits');
    apply(record, known, novel);
    return null;
  }

  /** Sees to it that the language model is asked; a promise where its answer is to be waited for. */
  #later(known: Remembered<Verdict>): Promise<Remembered<Verdict>> | null {
    const { open, llm: said } = known.verdict;
    if (this.llm === null || !(open || (said !== null && isForgotten(said, this.memory.now())))) return null;
    const late = this.#late.get(known.id) ?? this.#askLlm(this.llm, known);
    return late !== null && this.llm.answers && this.memory.now() < late.until ? late.held : null;
  }

  #askLlm(llm: LlmStage, before: Remembered<Verdict>): Late | null {
    const { id, key } = before;
    const known = this.shared?.get(id) ?? null;
    const asked = known === null ? llm.ask(key, () => this.shared !== null && this.shared.get(id) !== null) : Promise.resolve(known);
    if (asked === null) return null;
    const answer = asked.then((own) => {
      this.#late.delete(id);
      // Another agent was first.
      const told = this.shared?.get(id) ?? null;
      const said = told ?? own;
      if (said === null) return before;
      const learnt = this.#learnLate(key, id, before.verdict.guess, said);
      const [guess] = said.guesses;
      if (told === null && guess !== undefined) this.shared?.publish(id, guess);
      return learnt;
    });
    const { waitMs } = llm.manner;
    // One deadline for all records of the template: those behind the first do not wait anew.
    const late = { held: waitMs === 0 ? null : within(waitMs, answer, before), until: this.memory.now() + waitMs };
    this.#late.set(id, late);
    return late;
  }

  /** Another agent's answer is as one of this agent's own that came late. What was never seen here is looked up when it comes. */
  #hear(id: string, answer: LlmAnswer | null): void {
    const entry = this.memory.recallById(id);
    if (entry === null || isSame(answer, entry.llm)) return;
    const { level, logger, template } = entry;
    const key = { level, logger, template };
    // Of what is not at hand no record has left lately.
    if (this.memory.atHand(key) === undefined) this.memory.learnLate(key, id, answer);
    else this.#learnLate(key, id, this.#guessesOf(entry)?.[0] ?? null, answer);
    if (answer === null) this.llm?.forget(key);
    else this.llm?.withdraw(key);
  }

  /** Stores what the language model answered (null: that is to be forgotten), and tells it of records that have left without. */
  #learnLate(key: EntryKey, id: string, guess: Guess | null, answer: LlmAnswer | null): Remembered<Verdict> {
    this.memory.learnLate(key, id, answer);
    const before = this.memory.atHand(key)?.verdict;
    const verdict = this.#judge(key, guess, answer);
    if (verdict.stage === 'llm' && before?.stage !== 'llm') this.events.late({ templateId: id, ...verdict });
    return this.memory.keep(key, id, verdict);
  }

  #judge({ level }: EntryKey, guess: Guess | null, llm: LlmAnswer | null): Verdict {
    const answered = (stage: Stage, { label, confidence }: Guess): Verdict => {
      const event = this.taxonomy.labels.get(label)?.events.get(level) ?? null;
      return { label, confidence, stage, guess: null, event, llm, open: false };
    };
    if (guess !== null && this.taxonomy.has(guess.label) && this.bert?.accepts(guess) === true) return answered('bert', guess);
    const later = llm?.guesses[0] ?? null;
    if (later !== null && this.taxonomy.has(later.label) && this.llm?.accepts(later) === true) return answered('llm', later);
    const open = llm === null && this.llm?.wants(level) === true;
    return { label: UNCLASSIFIED, confidence: 0, stage: 'none', guess: later ?? guess, event: null, llm, open };
  }
}

/** Whether two answers say the same, whenever they were given. */
function isSame(a: LlmAnswer | null, b: LlmAnswer | null): boolean {
  if (a === null || b === null) return a === b;
  const [one, other] = [a.guesses[0], b.guesses[0]];
  return a.model === b.model && one?.label === other?.label && one?.confidence === other?.confidence;
}

/** The answer, or what is known without it where it takes longer. */
async function within<Value>(ms: number, answer: Promise<Value>, otherwise: Value): Promise<Value> {
  if (ms === Number.POSITIVE_INFINITY) return await answer;
  let timer: NodeJS.Timeout | undefined;
  const late = new Promise<Value>((resolve) => {
    timer = setTimeout(() => resolve(otherwise), ms);
  });
  try {
    return await Promise.race([answer, late]);
  } finally {
    clearTimeout(timer);
  }
}

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

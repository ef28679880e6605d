import { randomBytes } from 'node:crypto';
import { setTimeout as pause } from 'node:timers/promises';
import { BrokenCircuitError } from 'cockatiel';
import type { Level } from '../../record/record.js';
import type { Guess } from '../bert/softmax.js';
import type { EntryKey, LlmAnswer } from '../memory/entry.js';
import type { Taxonomy } from '../taxonomy.js';
import { modelText } from '../template/model-text.js';
import { isForgotten, type Rejection, readAnswers } from './answer.js';
import { type Asking, DaySpent, RequestFault, type Watch } from './asking.js';
import { askedLevels, type LlmConfig } from './config.js';
import type { NearestExamples } from './examples.js';
import { goesAlone } from './isolation.js';
import type { Manner } from './manner.js';
import type { Prompt, ShownExample } from './prompt.js';
import { Queue, type Waiting } from './queue.js';
import type { Redaction } from './redaction/redaction.js';
import type { Ask } from './request.js';
import { shownOf } from './shown.js';

/** Tokens that an answer gets besides what it needs, after one was cut: for models that think before they speak. Doubled up to the most. */
const SPARE = { first: 1024, most: 16_384 };
/** Pause while the endpoint is left alone, before it is looked at again. */
const LOOK_MS = 1000;
/** Examples of one request: more are no help to a model that has read so many. */
const MOST_EXAMPLES = 24;
/** Answers that are kept by what the model was shown: templates that differ in what it is not shown are one to it. */
const MOST_ANSWERS = 1000;
/** What is added where the last answer could not be used. */
const AGAIN = '\n\nThe last answer was not of this form, or had another label. Answer with the JSON object only.';

export interface LlmParts {
  readonly prompt: Prompt;
  readonly asking: Asking;
  readonly redaction: Redaction;
  readonly examples: NearestExamples;
  readonly taxonomy: Taxonomy;
}

/** The last stage: asks a language model for the label of a template, several at a time, each once. */
export class LlmStage {
  /** Names whose answers these are: the model, and what it was told. */
  readonly id: string;
  readonly #queue: Queue;
  /** By what the model is shown. */
  readonly #pending = new Map<string, Promise<LlmAnswer | null>>();
  readonly #answered = new Map<string, LlmAnswer>();
  readonly #closing = new AbortController();
  readonly #levels: ReadonlySet<Level>;
  readonly #labels: readonly string[];
  #serving = 0;
  /** A loop waits for company of what it will ask. */
  #lingering = false;
  /** What this model needs besides its answer, as far as that is known. */
  #spare = 0;
  /** The day's tokens are used up. */
  #spent = false;
  /** Nothing is asked yet. */
  #held = false;

  constructor(
    readonly config: LlmConfig,
    readonly manner: Manner,
    readonly parts: LlmParts,
    readonly watch: Watch,
  ) {
    this.id = `${config.model}/${parts.prompt.id}`;
    this.#queue = new Queue(config.templates_per_request);
    this.#levels = askedLevels(config);
    this.#labels = [...parts.taxonomy.labels.keys()];
  }

  open(): Promise<void> {
    return this.parts.asking.open();
  }

  /** Whether it is asked about records of this level. */
  wants(level: Level): boolean {
    return this.#levels.has(level);
  }

  /** Whether there is use in waiting for an answer. */
  get answers(): boolean {
    return this.parts.asking.answers && !this.#spent && !this.#held && !this.#closing.signal.aborted;
  }

  /** Templates that wait for an answer. */
  get waiting(): number {
    return this.#pending.size;
  }

  /** Whether the model is as sure as it must be. */
  accepts({ confidence }: Guess): boolean {
    return confidence >= this.config.min_confidence;
  }

  /**
   * The model's answer for a template; of what is alike to the model there is one question at a time. The promise gives null where nothing came of it, and is
   * never rejected. Null at once where too many wait: it may be asked again when the template comes again.
   * @param isKnown whether an answer has come from elsewhere, so that nothing more is asked, also after a failure.
   */
  ask(key: EntryKey, isKnown: () => boolean = () => false): Promise<LlmAnswer | null> | null {
    if (this.#closing.signal.aborted || this.#queue.length >= this.manner.maxWaiting) return null;
    const { text, said } = shownOf(key, this.parts.redaction);
    const answered = this.#answered.get(text);
    if (answered !== undefined && !isForgotten(answered, this.parts.asking.now())) return Promise.resolve(answered);
    const underWay = this.#pending.get(text);
    if (underWay !== undefined) return underWay;
    const answer = new Promise<LlmAnswer | null>((resolve) => {
      const settle = (given: LlmAnswer | null): void => {
        this.#pending.delete(text);
        if (given !== null) this.#remember(text, given);
        resolve(given);
      };
      this.#queue.add({ key, text, examples: null, alone: this.#alone(key, said), failures: 0, isKnown, settle });
    });
    this.#pending.set(text, answer);
    this.#serve();
    return answer;
  }

  /** Nothing is asked before the promise is fulfilled, which must not reject: templates wait in line meanwhile. */
  hold(until: Promise<void>): void {
    this.#held = true;
    void until.then(() => {
      this.#held = false;
      this.#serve();
    });
  }

  /** The template has an answer from elsewhere: where it still waits in line it is not asked about, and its promise gives null. */
  withdraw(key: EntryKey): void {
    this.#queue.remove(key)?.settle(null);
  }

  /** What was answered for the template is to be asked for anew. */
  forget(key: EntryKey): void {
    this.#answered.delete(shownOf(key, this.parts.redaction).text);
  }

  /** What would be asked about a template alone. */
  requestFor(key: EntryKey): Promise<Ask> {
    return this.#request([{ key, text: shownOf(key, this.parts.redaction).text, examples: null }], 0, false);
  }

  /** A mark of random letters stands around the templates, another in each request. */
  async #request(templates: readonly Pick<Waiting, 'key' | 'text' | 'examples'>[], spare: number, again: boolean): Promise<Ask> {
    const near = await Promise.all(templates.map((waiting) => this.#examplesOf(waiting)));
    const ids = templates.map((_, i) => `t${i + 1}`);
    const shown = templates.map(({ text }, i) => ({ id: ids[i] ?? '', text }));
    const user = this.parts.prompt.ask(shown, distinct(near.flat()).slice(0, MOST_EXAMPLES), randomBytes(8).toString('hex'));
    const { system } = this.parts.prompt;
    return { model: this.config.model, system, user: again ? user + AGAIN : user, ids, labels: this.#labels, spare };
  }

  /** Looked for once, however often the endpoint fails. */
  async #examplesOf(waiting: Pick<Waiting, 'key' | 'examples'>): Promise<readonly ShownExample[]> {
    const { logger, level, template } = waiting.key;
    waiting.examples ??= await this.parts.examples.near(modelText(logger, level, template), this.config.examples);
    return waiting.examples;
  }

  /** Ends what is under way; what waits stays without an answer. */
  async close(): Promise<void> {
    this.#closing.abort();
    for (const { settle } of this.#queue.clear()) settle(null);
    await this.parts.asking.endpoint.close();
  }

  #alone({ logger, template }: EntryKey, said: string): boolean {
    const { taxonomy } = this.parts;
    return goesAlone(`${logger} ${template}`, said, (word) => taxonomy.has(word));
  }

  /** As many requests at a time as may be, while there is something to ask. */
  #serve(): void {
    if (this.#held || this.#serving >= this.config.max_concurrent_requests || this.#queue.length === 0) return;
    // What comes while one waits for company goes with that.
    if (this.#lingering && !this.#queue.full) return;
    this.#serving++;
    this.#work()
      .catch((error: unknown) => {
        if (!this.#closing.signal.aborted) this.watch.log.error('the stage of the language model failed', { reason: String(error) });
      })
      .finally(() => {
        this.#serving--;
        if (!this.#closing.signal.aborted) this.#serve();
      });
  }

  async #work(): Promise<void> {
    while (this.#queue.length > 0) {
      if (!this.#queue.full) {
        if (this.#lingering) return;
        this.#lingering = true;
        await this.#pause(this.manner.lingerMs).finally(() => {
          this.#lingering = false;
        });
      }
      const batch = this.#next();
      this.#serve();
      if (batch.length > 0) await this.#answer(batch);
    }
  }

  /** What goes together in the next request. What is known by now is settled and not asked about. */
  #next(): Waiting[] {
    return this.#queue.take().filter(({ isKnown, settle }) => {
      const known = isKnown();
      if (known) settle(null);
      return !known;
    });
  }

  /** Asks, once more about those whose answer is none, and settles or puts back every one of them. */
  async #answer(batch: readonly Waiting[]): Promise<void> {
    const open = new Map<Waiting, Rejection>(batch.map((waiting) => [waiting, 'no_answer']));
    try {
      let spare = this.#spare;
      for (let round = 0; round < 2 && open.size > 0; ) {
        const { cut } = await this.#round(open, spare, round > 0);
        if (cut && open.size > 0 && spare < SPARE.most) {
          // That was no answer: it gets more room, and does not count as one.
          spare = Math.min(SPARE.most, Math.max(SPARE.first, 2 * spare));
          continue;
        }
        if (!cut) this.#spare = spare;
        round++;
      }
      for (const [waiting, reason] of open) this.#reject(waiting, reason);
    } catch (error) {
      await this.#failed([...open.keys()], error);
    }
  }

  /** One request. What has an answer is settled and not open any more. */
  async #round(open: Map<Waiting, Rejection>, spare: number, again: boolean): Promise<{ readonly cut: boolean }> {
    const batch = [...open.keys()];
    const ask = await this.#request(batch, spare, again);
    const { reply, refused, cut } = await this.parts.asking.ask(ask, this.#closing.signal);
    this.#spent = false;
    if (refused) throw new RequestFault({ kind: 'refused', reason: 'refused' }, 'the model will not answer');
    const answers = readAnswers(reply, ask.ids, (label) => this.parts.taxonomy.has(label));
    for (const [i, waiting] of batch.entries()) {
      const answer = answers.get(ask.ids[i] ?? '') ?? 'no_answer';
      if (typeof answer === 'string') {
        open.set(waiting, answer);
        continue;
      }
      open.delete(waiting);
      this.watch.count('templates');
      if (!this.accepts(answer)) this.watch.count('rejected.unsure');
      this.#settle(waiting, [answer]);
    }
    return { cut };
  }

  /** It was asked, and there is no answer to be had: that is remembered, too. */
  #reject(waiting: Waiting, reason: Rejection | 'refused'): void {
    this.watch.count('templates');
    this.watch.count(`rejected.${reason}`);
    this.#settle(waiting, []);
  }

  /** The last ones; who writes logs cannot make it grow. */
  #remember(text: string, answer: LlmAnswer): void {
    this.#answered.set(text, answer);
    for (const oldest of this.#answered.keys()) {
      if (this.#answered.size <= MOST_ANSWERS) break;
      this.#answered.delete(oldest);
    }
  }

  #settle(waiting: Waiting, guesses: LlmAnswer['guesses']): void {
    waiting.settle({ model: this.id, guesses, at: this.parts.asking.now() });
  }

  async #failed(batch: readonly Waiting[], error: unknown): Promise<void> {
    if (this.#closing.signal.aborted) {
      for (const { settle } of batch) settle(null);
      return;
    }
    if (error instanceof RequestFault && error.fault.kind === 'refused') {
      // It may be the room that was asked for, or one of several templates.
      if (this.#spare > 0) {
        this.#spare = 0;
        this.#putBack(batch, {});
      } else if (batch.length > 1) this.#putBack(batch, { alone: true });
      else for (const waiting of batch) this.#reject(waiting, 'refused');
      return;
    }
    // Somebody is waiting who would rather go on without.
    const hasty = this.manner.waitMs === Number.POSITIVE_INFINITY;
    const isOurs = !(error instanceof RequestFault || error instanceof DaySpent || error instanceof BrokenCircuitError);
    if (isOurs) this.watch.log.error('the stage of the language model failed', { reason: String(error) });
    if (error instanceof DaySpent && !this.#spent) {
      this.#spent = true;
      this.watch.log.warn('the tokens of the day are used up: no template goes to the language model before midnight in UTC');
    }
    this.#putBack(batch, { failed: hasty || isOurs || error instanceof RequestFault });
    await this.#pause(hasty ? 0 : error instanceof DaySpent ? error.waitMs : LOOK_MS);
  }

  #putBack(batch: readonly Waiting[], { alone = false, failed = false }: { alone?: boolean; failed?: boolean }): void {
    for (const waiting of batch) {
      if (failed && ++waiting.failures >= this.manner.patience) {
        waiting.settle(null);
        continue;
      }
      // What failed twice may be what the endpoint fails of.
      waiting.alone ||= alone || waiting.failures > 1;
      this.#queue.add(waiting);
    }
  }

  #pause(ms: number): Promise<void> {
    return ms === 0 ? Promise.resolve() : pause(ms, undefined, { signal: this.#closing.signal });
  }
}

function distinct(examples: readonly ShownExample[]): ShownExample[] {
  return [...new Map(examples.map((example) => [example.text, example])).values()];
}

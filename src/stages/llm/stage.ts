import { randomBytes } from 'node:crypto';
import { setTimeout as pause } from 'node:timers/promises';
import { BrokenCircuitError } from 'cockatiel';
import type { Level } from '../../record/record.js';
import type { Guess } from '../bert/softmax.js';
import type { EntryKey, LlmAnswer } from '../memory/entry.js';
import type { Taxonomy } from '../taxonomy.js';
import { modelText } from '../template/model-text.js';
import { type Rejection, readAnswers } from './answer.js';
import { type Asking, DaySpent, RequestFault, type Watch } from './asking.js';
import type { LlmConfig } from './config.js';
import type { NearestExamples } from './examples.js';
import { goesAlone } from './isolation.js';
import type { Manner } from './manner.js';
import type { Prompt, ShownExample } from './prompt.js';
import { Queue, type Waiting } from './queue.js';
import type { Redaction } from './redaction/redaction.js';
import type { Ask } from './request.js';
import { shownText } from './shown.js';

/** Tokens that an answer gets besides what it needs, after one was cut: for models that think before they speak. */
const SPARE = { first: 1024, most: 16_384 };
/** Pause while the endpoint is left alone, before it is looked at again. */
const LOOK_MS = 1000;
/** Examples of one request: more are no help to a model that has read so many. */
const MOST_EXAMPLES = 24;

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
  readonly #pending = new Map<string, Promise<LlmAnswer | null>>();
  readonly #closing = new AbortController();
  readonly #levels: ReadonlySet<Level>;
  readonly #labels: readonly string[];
  #serving = 0;
  #spare = 0;
  /** The day's tokens are used up. */
  #spent = false;

  constructor(
    readonly config: LlmConfig,
    readonly manner: Manner,
    readonly parts: LlmParts,
    readonly watch: Watch,
  ) {
    this.id = `${config.model}/${parts.prompt.id}`;
    this.#queue = new Queue(config.templates_per_request);
    this.#levels = new Set<Level>([...config.levels, '']);
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
    return this.parts.asking.answers && !this.#spent && !this.#closing.signal.aborted;
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
   * The model's answer for a template; of the same template there is one question at a time. The promise gives null where nothing came of it, and is
   * never rejected. Null at once where too many wait: it may be asked again when the template comes again.
   */
  ask(id: string, key: EntryKey): Promise<LlmAnswer | null> | null {
    const underWay = this.#pending.get(id);
    if (underWay !== undefined) return underWay;
    if (this.#closing.signal.aborted || this.#queue.length >= this.manner.maxWaiting) return null;
    const answer = new Promise<LlmAnswer | null>((resolve) => {
      const settle = (given: LlmAnswer | null): void => {
        this.#pending.delete(id);
        resolve(given);
      };
      this.#queue.add({ id, key, text: this.shown(key), alone: this.#alone(key), failures: 0, settle });
    });
    this.#pending.set(id, answer);
    this.#serve();
    return answer;
  }

  /** What the model is shown of a template. */
  shown({ level, logger, template }: EntryKey): string {
    const { redaction } = this.parts;
    return shownText(level, redaction.logger(logger), redaction.text(template));
  }

  /** What would be asked about these templates. A mark of random letters stands around them, another in each request. */
  async request(templates: readonly Pick<Waiting, 'key' | 'text'>[], spare: number): Promise<Ask> {
    const { prompt, examples } = this.parts;
    const near = await Promise.all(
      templates.map(({ key }) => examples.near(modelText(key.logger, key.level, key.template), this.config.examples)),
    );
    const ids = templates.map((_, i) => `t${i + 1}`);
    const shown = templates.map(({ text }, i) => ({ id: ids[i] ?? '', text }));
    const user = prompt.ask(shown, distinct(near.flat()).slice(0, MOST_EXAMPLES), randomBytes(8).toString('hex'));
    return { model: this.config.model, system: prompt.system, user, ids, labels: this.#labels, spare };
  }

  /** Ends what is under way; what waits stays without an answer. */
  async close(): Promise<void> {
    this.#closing.abort();
    for (const { settle } of this.#queue.clear()) settle(null);
    await this.parts.asking.endpoint.close();
  }

  #alone(key: EntryKey): boolean {
    const { taxonomy } = this.parts;
    return goesAlone(`${key.logger} ${key.template}`, this.shown({ ...key, level: '' }), (word) => taxonomy.has(word));
  }

  /** As many requests at a time as may be, while there is something to ask. */
  #serve(): void {
    if (this.#serving >= this.config.max_concurrent_requests || (this.#serving > 0 && !this.#queue.full)) return;
    this.#serving++;
    this.#work()
      .catch((error: unknown) => {
        if (!this.#closing.signal.aborted) this.watch.log.error('the stage of the language model failed', { reason: String(error) });
      })
      .finally(() => {
        this.#serving--;
        if (this.#queue.length > 0 && !this.#closing.signal.aborted) this.#serve();
      });
  }

  async #work(): Promise<void> {
    while (this.#queue.length > 0) {
      if (!this.#queue.full) await this.#pause(this.manner.lingerMs);
      await this.#answer(this.#queue.take());
    }
  }

  /** Asks, once more about those whose answer is none, and settles or puts back every one of them. */
  async #answer(batch: readonly Waiting[]): Promise<void> {
    const open = new Map<Waiting, Rejection>(batch.map((waiting) => [waiting, 'no_answer']));
    try {
      for (let round = 0; round < 2 && open.size > 0; round++) await this.#round(open);
      for (const [waiting, reason] of open) this.#reject(waiting, reason);
    } catch (error) {
      await this.#failed([...open.keys()], error);
    }
  }

  async #round(open: Map<Waiting, Rejection>): Promise<void> {
    const batch = [...open.keys()];
    const ask = await this.request(batch, this.#spare);
    const completion = await this.parts.asking.ask(ask, this.#closing.signal);
    if (completion.refused) throw new RequestFault({ kind: 'refused', reason: 'refused' }, 'the model will not answer');
    if (completion.cut) this.#spare = Math.min(SPARE.most, Math.max(SPARE.first, 2 * this.#spare));
    this.#spent = false;
    const answers = readAnswers(completion.reply, ask.ids, (label) => this.parts.taxonomy.has(label));
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
  }

  /** It was asked, and there is no answer to be had: that is remembered, too. */
  #reject(waiting: Waiting, reason: Rejection | 'refused'): void {
    this.watch.count('templates');
    this.watch.count(`rejected.${reason}`);
    this.#settle(waiting, []);
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
      // One of them may be what it does not take.
      if (batch.length > 1) this.#putBack(batch, { alone: true });
      else for (const waiting of batch) this.#reject(waiting, 'refused');
      return;
    }
    if (!(error instanceof RequestFault || error instanceof DaySpent || error instanceof BrokenCircuitError)) {
      this.#putBack(batch, { failed: true });
      throw error;
    }
    if (error instanceof DaySpent && !this.#spent) {
      this.#spent = true;
      this.watch.log.warn('the tokens of the day are used up: no template goes to the language model before midnight in UTC');
    }
    // Somebody is waiting who would rather go on without.
    const hasty = this.manner.waitMs === Number.POSITIVE_INFINITY;
    this.#putBack(batch, { failed: hasty || error instanceof RequestFault });
    await this.#pause(error instanceof DaySpent && !hasty ? error.waitMs : hasty ? 0 : LOOK_MS);
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

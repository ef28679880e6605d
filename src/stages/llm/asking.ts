import { setTimeout as pause } from 'node:timers/promises';
import {
  BrokenCircuitError,
  type CircuitBreakerPolicy,
  CircuitState,
  ConsecutiveBreaker,
  circuitBreaker,
  ExponentialBackoff,
  handleWhen,
} from 'cockatiel';
import pRetry from 'p-retry';
import type { ComponentLog } from '../../plugin/contract.js';
import { type Abilities, ALL_ABILITIES } from './abilities.js';
import { Budget, type Spending } from './budget.js';
import type { LlmConfig } from './config.js';
import type { Completion, Endpoint } from './endpoint.js';
import { type Fault, faultOf, mayBePaid, toldOf } from './fault.js';
import { type Ask, estimatedTokens, requestBody } from './request.js';
import type { LlmState, StateFile } from './state.js';

/** A request that brought no completion. */
export class RequestFault extends Error {
  override readonly name = 'RequestFault';
  constructor(
    readonly fault: Exclude<Fault, { kind: 'unsupported' }>,
    message: string,
  ) {
    super(message);
  }
}

/** The day's tokens are used up. */
export class DaySpent extends Error {
  override readonly name = 'DaySpent';
  constructor(readonly waitMs: number) {
    super('the tokens of the day are used up');
  }
}

/** So many requests in a row fail before the endpoint is left alone for a while. */
const FAILURES_TO_BREAK = 5;
/** How long it is left alone, doubled with each try that fails, in milliseconds. */
const BREAK = { initialDelay: 5000, maxDelay: 300_000 };
const RETRY = { minTimeout: 1000, maxTimeout: 30_000, factor: 2, randomize: true };
/** So many requests in a row are refused before it is the endpoint that is wrong, and not what they ask. */
const REFUSALS_IN_A_ROW = 5;

/** A server may have learnt something since it was found out what it takes: after so long it is tried with everything again, in milliseconds. */
const ABILITIES_LAST_MS = 86_400_000;

/** What is told of requests. */
export interface Watch {
  count(name: string, by?: number): void;
  readonly log: ComponentLog;
}

/** Asks the endpoint within the budget, finds out what it takes, tries again what can heal, and leaves it alone while it does not answer. */
export class Asking {
  readonly #breaker: CircuitBreakerPolicy;
  #budget: Budget;
  #abilities: Abilities = ALL_ABILITIES;
  /** When they were found out; 0 for not yet. */
  #foundAt = 0;
  /** The server wants no request before. */
  #notBefore = 0;
  /** Since the last completion; at the beginning nothing speaks for the endpoint. */
  #refusals = REFUSALS_IN_A_ROW;

  constructor(
    readonly config: LlmConfig,
    readonly endpoint: Endpoint,
    /** Null: what was used is forgotten at the end of the process. */
    readonly file: StateFile | null,
    readonly watch: Watch,
    /** The longest that a server may make us wait, in milliseconds; where it wants more the request fails. */
    readonly longestPauseMs = Number.POSITIVE_INFINITY,
    readonly now: () => number = Date.now,
  ) {
    this.#budget = new Budget(this.#limits, null, now());
    this.#breaker = circuitBreaker(
      handleWhen((error) => error instanceof RequestFault && error.fault.kind === 'outage'),
      { breaker: new ConsecutiveBreaker(FAILURES_TO_BREAK), halfOpenAfter: new ExponentialBackoff(BREAK) },
    );
    const { base_url } = config;
    this.#breaker.onBreak(() => watch.log.warn('the language model does not answer and is left alone for a while', { base_url }));
    this.#breaker.onReset(() => watch.log.info('the language model answers again', { base_url }));
  }

  /** Reads what was remembered. A file that cannot be read is told, and begun anew. */
  async open(): Promise<void> {
    let state: LlmState | undefined;
    try {
      state = await this.file?.load();
    } catch (error) {
      this.watch.log.warn('what was used of the language model is not known any more', { reason: String(error) });
    }
    const { base_url, model } = this.config;
    this.#budget = new Budget(this.#limits, state?.use ?? null, this.now());
    const known = state?.endpoint ?? null;
    if (known === null || known.base_url !== base_url || known.model !== model) return;
    this.#abilities = known.abilities;
    this.#foundAt = known.at;
  }

  /** Whether a request would be sent at once, as far as the endpoint goes. */
  get answers(): boolean {
    return this.#breaker.state === CircuitState.Closed && !this.#pausesLong;
  }

  /** What requests make use of. */
  get abilities(): Abilities {
    return this.#foundAt > 0 && this.now() - this.#foundAt > ABILITIES_LAST_MS ? ALL_ABILITIES : this.#abilities;
  }

  /**
   * Asks, and tries again what can heal, with growing pauses and not before the server wants it.
   * @throws RequestFault, DaySpent, cockatiel's BrokenCircuitError while the endpoint is left alone, or the signal's reason.
   */
  ask(ask: Ask, signal: AbortSignal): Promise<Completion> {
    return pRetry(() => this.#once(ask, signal), {
      ...RETRY,
      retries: this.config.max_retries,
      signal,
      shouldRetry: ({ error }) => error instanceof RequestFault && error.fault.kind === 'outage' && !this.#pausesLong,
    });
  }

  /** One try; more than one request where the server does not take all parameters. */
  async #once(ask: Ask, signal: AbortSignal): Promise<Completion> {
    let abilities = this.abilities;
    for (;;) {
      const spending = await this.#admit(estimatedTokens(ask), signal);
      try {
        return await this.#breaker.execute(() => this.#request(ask, abilities, spending, signal));
      } catch (error) {
        if (error instanceof BrokenCircuitError) this.#budget.cancel(spending, this.now());
        if (!(error instanceof Unsupported)) throw error;
        abilities = error.abilities;
      }
    }
  }

  async #request(ask: Ask, abilities: Abilities, spending: Spending, signal: AbortSignal): Promise<Completion> {
    this.watch.count('calls');
    // Before it goes: a process that dies again and again must not spend without end.
    await this.#save();
    const started = this.now();
    try {
      const completion = await this.endpoint.complete(requestBody(ask, abilities), signal);
      this.#spent(spending, completion.usage);
      this.watch.count('latency_ms', this.now() - started);
      this.#refusals = 0;
      // Only what worked is kept: what a server says of one request may not hold for others.
      if (abilities !== this.#abilities || this.#foundAt === 0) this.#foundAt = this.now();
      this.#abilities = abilities;
      return completion;
    } catch (error) {
      signal.throwIfAborted();
      throw this.#failed(error, abilities, spending);
    } finally {
      await this.#save();
    }
  }

  #failed(error: unknown, abilities: Abilities, spending: Spending): Error {
    const found = faultOf(error, abilities, this.now());
    if (mayBePaid(found)) this.#spent(spending, null);
    else this.#budget.end(spending, 0, 0, this.now());
    this.watch.count(`failed.${found.reason}`);
    const fields = { reason: found.reason, error: toldOf(error, this.config), base_url: this.config.base_url };
    if (found.kind === 'unsupported') {
      this.watch.log.info('the endpoint does not take all parameters; without some', { ...fields, ...found.abilities });
      return new Unsupported(found.abilities);
    }
    const fault = this.#endpointsFault(found);
    if (fault.kind === 'outage' && fault.afterMs !== null) this.#notBefore = this.now() + fault.afterMs;
    if (fault.kind === 'outage' && fault.operator)
      this.watch.log.error('the language model will not have us; its templates wait until that is put right', fields);
    else this.watch.log.debug('a request to the language model failed', fields);
    return new RequestFault(fault, fields.error);
  }

  /** An endpoint that refuses everything, such as for a context that is too small for the prompt, is at fault, and not what it is asked. */
  #endpointsFault(fault: Exclude<Fault, { kind: 'unsupported' }>): Exclude<Fault, { kind: 'unsupported' }> {
    if (fault.kind !== 'refused' || ++this.#refusals <= REFUSALS_IN_A_ROW) return fault;
    return { kind: 'outage', reason: fault.reason, afterMs: null, operator: true };
  }

  /** Waits until the server and the budget have room, and takes its place. */
  async #admit(tokens: number, signal: AbortSignal): Promise<Spending> {
    for (;;) {
      signal.throwIfAborted();
      if (this.#budget.dayIsSpent(tokens, this.now())) throw new DaySpent(this.#budget.waitFor(tokens, this.now()));
      if (this.#pausesLong) {
        const fault = { kind: 'outage', reason: 'retry_after', afterMs: this.#pauseMs, operator: false } as const;
        throw new RequestFault(fault, 'the endpoint wants no request for so long');
      }
      const wait = Math.max(this.#pauseMs, this.#budget.waitFor(tokens, this.now()));
      if (wait === 0) return this.#budget.begin(tokens, this.now());
      await pause(wait, undefined, { signal });
    }
  }

  /** How long the server wants no request. */
  get #pauseMs(): number {
    return Math.max(0, this.#notBefore - this.now());
  }

  /** That is more than anybody waits. */
  get #pausesLong(): boolean {
    return this.#pauseMs > this.longestPauseMs;
  }

  /** @param usage null where nobody said: then it is what was set aside. */
  #spent(spending: Spending, usage: Completion['usage']): void {
    const { price_per_million_tokens: price } = this.config;
    const { prompt, answer } = typeof price === 'number' ? { prompt: price, answer: price } : price;
    const used = usage ?? { prompt: spending.tokens, answer: 0 };
    const cost = (used.prompt * prompt + used.answer * answer) / 1e6;
    this.#budget.end(spending, used.prompt + used.answer, cost, this.now());
    this.watch.count('tokens', used.prompt + used.answer);
    if (cost > 0) this.watch.count('cost', cost);
  }

  async #save(): Promise<void> {
    const { base_url, model } = this.config;
    const endpoint = this.#foundAt === 0 ? null : { base_url, model, abilities: this.#abilities, at: this.#foundAt };
    try {
      await this.file?.save({ use: this.#budget.today(this.now()), endpoint });
    } catch (error) {
      this.watch.log.warn('what was used of the language model could not be written', { reason: String(error) });
    }
  }

  get #limits() {
    const { max_requests_per_minute, max_tokens_per_minute, max_tokens_per_day } = this.config;
    return {
      requestsPerMinute: max_requests_per_minute,
      tokensPerMinute: max_tokens_per_minute ?? Number.POSITIVE_INFINITY,
      tokensPerDay: max_tokens_per_day,
    };
  }
}

/** The server does not take a parameter. It answers, so that the breaker has nothing to do with it. */
class Unsupported extends Error {
  constructor(readonly abilities: Abilities) {
    super('a parameter is not supported');
  }
}

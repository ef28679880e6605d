import { setTimeout as pause } from 'node:timers/promises';
import { type CircuitBreakerPolicy, CircuitState, ConsecutiveBreaker, circuitBreaker, ExponentialBackoff, handleWhen } from 'cockatiel';
import pRetry from 'p-retry';
import type { ComponentLog } from '../../plugin/contract.js';
import { type Abilities, ALL_ABILITIES } from './abilities.js';
import { Budget, type Spending } from './budget.js';
import type { LlmConfig } from './config.js';
import type { Completion, Endpoint } from './endpoint.js';
import { type Fault, faultOf, messageOf } from './fault.js';
import { type Ask, estimatedTokens, requestBody } from './request.js';
import { knownAbilities, type LlmState, type StateFile } from './state.js';

/** A request that brought no completion. */
export class RequestFault extends Error {
  override readonly name = 'RequestFault';
  constructor(
    readonly fault: Exclude<Fault, { kind: 'unsupported' }>,
    cause: unknown,
  ) {
    super(messageOf(cause), { cause });
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
/** What is shorter is no secret, and may stand in any text. */
const SHORTEST_SECRET = 4;
const RETRY = { minTimeout: 1000, maxTimeout: 30_000, factor: 2, randomize: true };

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

  constructor(
    readonly config: LlmConfig,
    readonly endpoint: Endpoint,
    /** Null: what was used is forgotten at the end of the process. */
    readonly file: StateFile | null,
    readonly watch: Watch,
    readonly now: () => number = Date.now,
  ) {
    this.#budget = new Budget(this.#limits, null, now());
    this.#breaker = circuitBreaker(
      handleWhen((error) => error instanceof RequestFault && error.fault.kind === 'outage'),
      { breaker: new ConsecutiveBreaker(FAILURES_TO_BREAK), halfOpenAfter: new ExponentialBackoff(BREAK) },
    );
    this.#breaker.onBreak(() =>
      watch.log.warn('the language model does not answer and is left alone for a while', { base_url: config.base_url }),
    );
    this.#breaker.onReset(() => watch.log.info('the language model answers again', { base_url: config.base_url }));
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
    const known = knownAbilities(state, base_url, model, this.now());
    if (known === null) return;
    this.#abilities = known;
    this.#foundAt = state?.endpoint?.at ?? 0;
  }

  /** Whether a request would be sent at once, as far as the endpoint goes. */
  get answers(): boolean {
    return this.#breaker.state === CircuitState.Closed;
  }

  /** What requests make use of. */
  get abilities(): Abilities {
    return this.#abilities;
  }

  /**
   * Asks, and tries again what can heal, with growing pauses and not before the server wants it.
   * @throws RequestFault, DaySpent, cockatiel's BrokenCircuitError while the endpoint is left alone, or the signal's reason.
   */
  ask(ask: Ask, signal: AbortSignal): Promise<Completion> {
    return pRetry(() => this.#breaker.execute(() => this.#attempt(ask, signal)), {
      ...RETRY,
      retries: this.config.max_retries,
      signal,
      shouldRetry: ({ error }) => error instanceof RequestFault && error.fault.kind === 'outage',
      onFailedAttempt: async ({ error, retriesLeft }) => {
        const after = error instanceof RequestFault && error.fault.kind === 'outage' ? error.fault.afterMs : null;
        if (after !== null && retriesLeft > 0) await pause(after, undefined, { signal });
      },
    });
  }

  /** One request; more where the server does not take all of its parameters. */
  async #attempt(ask: Ask, signal: AbortSignal): Promise<Completion> {
    let abilities = this.#abilities;
    for (;;) {
      const spending = await this.#admit(estimatedTokens(ask), signal);
      const started = this.now();
      try {
        const completion = await this.endpoint.complete(requestBody(ask, abilities), signal);
        this.#spent(spending, completion);
        this.watch.count('latency_ms', this.now() - started);
        if (abilities !== this.#abilities || this.#foundAt === 0) this.#found(abilities);
        await this.#save();
        return completion;
      } catch (error) {
        signal.throwIfAborted();
        const fault = faultOf(error, abilities, this.now());
        // A request that failed is not paid for; one that was cut short may be.
        this.#budget.end(spending, fault.reason === 'timeout' ? spending.tokens : 0, 0, this.now());
        this.watch.count(`failed.${fault.reason}`);
        if (fault.kind !== 'unsupported') throw this.#told(new RequestFault(fault, error));
        this.watch.log.info('the endpoint does not take all parameters; without some', {
          error: this.#withoutSecrets(messageOf(error)),
          ...fault.abilities,
        });
        abilities = fault.abilities;
      }
    }
  }

  /** Waits until the budget has room. */
  async #admit(tokens: number, signal: AbortSignal): Promise<Spending> {
    for (;;) {
      signal.throwIfAborted();
      const wait = this.#budget.waitFor(tokens, this.now());
      if (wait === 0) break;
      if (this.#budget.dayIsSpent(tokens, this.now())) throw new DaySpent(wait);
      await pause(wait, undefined, { signal });
    }
    const spending = this.#budget.begin(tokens, this.now());
    this.watch.count('calls');
    // Before it goes: a process that dies again and again must not spend without end.
    await this.#save();
    return spending;
  }

  #spent(spending: Spending, { usage }: Completion): void {
    const { price_per_million_tokens: price } = this.config;
    const { prompt, answer } = typeof price === 'number' ? { prompt: price, answer: price } : price;
    const used = usage ?? { prompt: spending.tokens, answer: 0 };
    const cost = (used.prompt * prompt + used.answer * answer) / 1e6;
    this.#budget.end(spending, used.prompt + used.answer, cost, this.now());
    this.watch.count('tokens', used.prompt + used.answer);
    if (cost > 0) this.watch.count('cost', cost);
  }

  /** Only what worked is kept: what a server says of one request may not hold for others. */
  #found(abilities: Abilities): void {
    this.#abilities = abilities;
    this.#foundAt = this.now();
  }

  #told(error: RequestFault): RequestFault {
    const { fault, message } = error;
    const fields = { reason: fault.reason, error: this.#withoutSecrets(message).slice(0, 300), base_url: this.config.base_url };
    if (fault.kind === 'outage' && fault.operator)
      this.watch.log.error('the language model will not have us; its templates wait until that is put right', fields);
    else this.watch.log.debug('a request to the language model failed', fields);
    return error;
  }

  /** Servers repeat what they were given. */
  #withoutSecrets(message: string): string {
    const { api_key, headers } = this.config;
    const secrets = [api_key ?? '', ...Object.values(headers)].filter((value) => value.length >= SHORTEST_SECRET);
    return secrets.reduce((text, secret) => text.replaceAll(secret, '***'), message);
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

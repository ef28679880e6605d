/** What was used on one day, in UTC. */
export interface DayUse {
  /** `2026-03-02` */
  readonly day: string;
  readonly requests: number;
  readonly tokens: number;
  /** Estimated, in the currency of the price. */
  readonly cost: number;
}

export interface BudgetLimits {
  readonly requestsPerMinute: number;
  /** Infinity for no bound. */
  readonly tokensPerMinute: number;
  readonly tokensPerDay: number;
}

const MINUTE_MS = 60_000;
const DAY_MS = 86_400_000;

/** A request that was let through, with the tokens that are set aside for it. */
export interface Spending {
  readonly at: number;
  tokens: number;
}

/** When the next request may go. Times are milliseconds since the epoch. */
export class Budget {
  #today: DayUse;
  #lately: Spending[] = [];

  constructor(
    readonly limits: BudgetLimits,
    /** What was used before, on this day or another. */
    used: DayUse | null,
    now: number,
  ) {
    this.#today = used ?? emptyDay(now);
  }

  /** What was used today. */
  today(now: number): DayUse {
    if (this.#today.day !== dayOf(now)) this.#today = emptyDay(now);
    return this.#today;
  }

  /** Milliseconds until a request of about so many tokens may go; 0 for now. */
  waitFor(tokens: number, now: number): number {
    return this.dayIsSpent(tokens, now) ? DAY_MS - (now % DAY_MS) : this.#minuteWait(tokens, now);
  }

  /** Nothing more of this size goes today. */
  dayIsSpent(tokens: number, now: number): boolean {
    return this.today(now).tokens + tokens > this.limits.tokensPerDay;
  }

  /** A request goes: its tokens count from now on, so that those that go beside it know of them. */
  begin(tokens: number, now: number): Spending {
    const spending = { at: now, tokens };
    this.#lately.push(spending);
    const today = this.today(now);
    this.#today = { ...today, requests: today.requests + 1, tokens: today.tokens + tokens };
    return spending;
  }

  /** It was answered, and its tokens are known. */
  end(spending: Spending, tokens: number, cost: number, now: number): void {
    const today = this.today(now);
    // What began yesterday was counted there.
    const set = dayOf(spending.at) === today.day ? spending.tokens : 0;
    this.#today = { ...today, tokens: Math.max(0, today.tokens - set) + tokens, cost: today.cost + cost };
    spending.tokens = tokens;
  }

  /** It did not go after all. */
  cancel(spending: Spending, now: number): void {
    this.#lately = this.#lately.filter((other) => other !== spending);
    const today = this.today(now);
    if (dayOf(spending.at) !== today.day) return;
    this.#today = { ...today, requests: Math.max(0, today.requests - 1), tokens: Math.max(0, today.tokens - spending.tokens) };
  }

  #minuteWait(tokens: number, now: number): number {
    this.#lately = this.#lately.filter(({ at }) => at > now - MINUTE_MS && at <= now);
    const { requestsPerMinute, tokensPerMinute } = this.limits;
    let requests = this.#lately.length;
    let used = this.#lately.reduce((sum, spending) => sum + spending.tokens, 0);
    // A request that is larger than the bound goes when it is alone.
    const fits = (): boolean => requests < requestsPerMinute && (requests === 0 || used + tokens <= tokensPerMinute);
    if (fits()) return 0;
    for (const spending of this.#lately) {
      requests--;
      used -= spending.tokens;
      if (fits()) return spending.at + MINUTE_MS - now;
    }
    return MINUTE_MS;
  }
}

function emptyDay(now: number): DayUse {
  return { day: dayOf(now), requests: 0, tokens: 0, cost: 0 };
}

function dayOf(now: number): string {
  return new Date(now).toISOString().slice(0, 10);
}

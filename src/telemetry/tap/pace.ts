/** In a second, where there is a record for each. */
const INTERVALS = 4;

interface Past {
  readonly shown: number;
  /** Of its share, where all that came was shown. */
  readonly unused: number;
}

/**
 * How many records a tap may show in each interval. Intervals that last a second together never show more than the rate. Under a steady load each shows its
 * share of it; what an interval of the last second did not need is there for those behind it, because many logs are read in bursts.
 */
export class Pace {
  /** In milliseconds. */
  readonly intervalMs: number;
  readonly #shares: readonly number[];
  #past: readonly Past[];
  #interval = 0;

  /** @param rate records a second, 1 at least. */
  constructor(readonly rate: number) {
    const intervals = Math.min(INTERVALS, rate);
    const until = (interval: number): number => Math.floor((rate * interval) / intervals);
    this.intervalMs = 1000 / intervals;
    this.#shares = Array.from({ length: intervals }, (_, i) => until(i + 1) - until(i));
    // Before the first there was nothing to show.
    this.#past = this.#shares.slice(1).map((share) => ({ shown: 0, unused: share }));
  }

  /** Records that the interval that goes on may show. */
  get quota(): number {
    const sum = (of: (past: Past) => number): number => this.#past.reduce((total, past) => total + of(past), 0);
    const room = this.rate - sum(({ shown }) => shown);
    return Math.min(room, this.#share + sum(({ unused }) => unused));
  }

  /** The interval is over. @param more whether more came than were shown. */
  next(shown: number, more: boolean): void {
    const unused = more ? 0 : Math.max(0, this.#share - shown);
    this.#past = [...this.#past, { shown, unused }].slice(1);
    this.#interval++;
  }

  get #share(): number {
    return this.#shares[this.#interval % this.#shares.length] ?? 0;
  }
}

/**
 * How many requests may be under way at once: one more for each round that succeeds, half when the server has too much to do (additive increase,
 * multiplicative decrease, as TCP does it: RFC 5681).
 */
export class Parallel {
  #allowed = 1;
  #since = 0;

  /** `max` at most. After a decrease, what was under way at the time tells nothing new for `calmMs` milliseconds. */
  constructor(
    readonly max: number,
    readonly calmMs = 1000,
    readonly now: () => number = Date.now,
  ) {}

  get allowed(): number {
    return Math.floor(this.#allowed);
  }

  succeeded(): void {
    this.#allowed = Math.min(this.max, this.#allowed + 1 / this.#allowed);
  }

  /** A request was pushed back, or got no answer. */
  pushedBack(): void {
    if (this.now() - this.#since < this.calmMs) return;
    this.#since = this.now();
    this.#allowed = Math.max(1, this.#allowed / 2);
  }
}

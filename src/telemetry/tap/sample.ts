/** What became of the records of an interval that passed the filter. */
export interface Sampled {
  /** In the order in which they passed. */
  readonly lines: readonly Buffer[];
  /** Not shown because more passed than may be shown. */
  readonly overRate: number;
  /** Not shown because they are too large. */
  readonly tooLarge: number;
}

interface Kept {
  /** How many had passed before it. */
  readonly order: number;
  readonly line: Buffer;
}

/**
 * A sample of what passes in an interval: all of it where that is no more than the quota, else a uniform random choice of so many (a reservoir; algorithm R in
 * J. S. Vitter, Random Sampling with a Reservoir, 1985), so that neither the first of a batch nor a busy moment is preferred. It keeps at most `maxBytes`.
 */
export class Sample {
  #kept: Kept[] = [];
  #bytes = 0;
  #passed = 0;
  #tooLarge = 0;

  /** @param random from 0 to below 1. */
  constructor(
    readonly maxBytes: number,
    readonly random: () => number = Math.random,
  ) {}

  /** A record passes. @param line makes what would be shown, null where that is too large; called only for a record that is kept for now. */
  pass(quota: number, line: () => Buffer | null): void {
    const order = this.#passed++;
    const at = order < quota ? this.#kept.length : Math.floor(this.random() * (order + 1));
    if (at >= quota) return;
    const made = line();
    // Where one before was too large there is a place that nobody has yet.
    const place = Math.min(at, this.#kept.length);
    const bytes = made === null ? Number.POSITIVE_INFINITY : this.#bytes - (this.#kept[place]?.line.length ?? 0) + made.length;
    if (made === null || bytes > this.maxBytes) {
      this.#tooLarge++;
      return;
    }
    this.#kept[place] = { order, line: made };
    this.#bytes = bytes;
  }

  /** The interval is over; the next begins. */
  take(): Sampled {
    const kept = this.#kept.sort((a, b) => a.order - b.order);
    const sampled = {
      lines: kept.map(({ line }) => line),
      overRate: this.#passed - kept.length - this.#tooLarge,
      tooLarge: this.#tooLarge,
    };
    this.#kept = [];
    this.#bytes = 0;
    this.#passed = 0;
    this.#tooLarge = 0;
    return sampled;
  }
}

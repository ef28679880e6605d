/**
 * Passes things on in the order in which they came, though some are ready later than those behind them; up to `width` may be under way.
 */
export class InOrder<Item> {
  #last: Promise<void> = Promise.resolve();
  #open = 0;
  /** Told when one fewer is under way. */
  #resume: (() => void) | null = null;

  constructor(
    readonly width: number,
    /** Called with one item at a time. */
    readonly pass: (item: Item) => Promise<void>,
  ) {}

  /**
   * @param ready fulfilled when the item may be passed on; undefined where it may at once.
   * Resolves when there is room for another, one call at a time. @throws what passing on this or an earlier item threw.
   */
  async add(item: Item, ready: Promise<void> | undefined): Promise<void> {
    this.#open++;
    const before = this.#last;
    const passed = (async () => {
      try {
        await before;
        await ready;
        await this.pass(item);
      } finally {
        this.#open--;
        this.#resume?.();
      }
    })();
    // Whoever adds the next one, or waits for all, is told of a failure; until then it is nobody's to handle.
    passed.catch(() => {});
    this.#last = passed;
    if (ready === undefined && this.#open === 1) return await passed;
    while (this.#open >= this.width) {
      await new Promise<void>((resolve) => {
        this.#resume = resolve;
      });
    }
    this.#resume = null;
  }

  /** Resolves when nothing is under way. @throws what passing on threw. */
  async drained(): Promise<void> {
    await this.#last;
  }
}

/**
 * The order of writes that are under way at once: each may hand its messages over only when all that were begun before it have. One that failed is at
 * its turn again before those that were begun after it, so that records stay in order.
 */
export class Turns {
  readonly #waiting = new Map<number, (() => void)[]>();
  readonly #numbers = new WeakMap<object, number>();
  readonly #open = new Set<number>();
  #last = 0;

  /** The number of a write, by the first thing that it writes; the same for each try. */
  numberOf(first: object): number {
    const known = this.#numbers.get(first);
    const number = known ?? ++this.#last;
    if (known === undefined) this.#numbers.set(first, number);
    this.#open.add(number);
    return number;
  }

  /** Resolves when all before it have handed over. @throws the signal's reason. */
  async come(number: number, signal: AbortSignal): Promise<void> {
    signal.throwIfAborted();
    while (Math.min(...this.#open) < number) {
      await new Promise<void>((resolve, reject) => {
        const stop = () => reject(signal.reason);
        signal.addEventListener('abort', stop, { once: true });
        const waiting = this.#waiting.get(number) ?? [];
        this.#waiting.set(number, waiting);
        waiting.push(() => {
          signal.removeEventListener('abort', stop);
          resolve();
        });
      });
    }
  }

  /** It has handed over all that it has. */
  handedOver(number: number): void {
    this.#open.delete(number);
    const woken = [...this.#waiting.values()].flat();
    this.#waiting.clear();
    for (const wake of woken) wake();
  }
}

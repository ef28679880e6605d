/**
 * So many may hold something at a time; the others wait, first come, first served. Senders of long messages take turns with it: many that have each begun
 * a long one would otherwise fill the memory together.
 */
export class Turns {
  #free: number;
  readonly #waiting: (() => void)[] = [];

  constructor(places: number) {
    this.#free = places;
  }

  async take(): Promise<void> {
    if (this.#free > 0) this.#free--;
    else await new Promise<void>((go) => this.#waiting.push(go));
  }

  /** Nobody waits any more. */
  stop(): void {
    this.#free = Number.POSITIVE_INFINITY;
    for (const go of this.#waiting.splice(0)) go();
  }

  give(): void {
    const next = this.#waiting.shift();
    if (next === undefined) this.#free++;
    else next();
  }
}

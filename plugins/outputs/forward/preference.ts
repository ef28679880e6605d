/** Which server is asked first: the first of the list, unless it failed a short while ago. */
export class Preference {
  readonly #failedAt: (number | null)[];

  /** @param returnAfterMs so long one that failed is asked only after the others */
  constructor(
    servers: number,
    readonly returnAfterMs: number,
  ) {
    this.#failedAt = Array.from({ length: servers }, () => null);
  }

  /** All servers by their places in the list, in the order in which they are to be asked. @param now in milliseconds of any clock */
  order(now: number): readonly number[] {
    const rested = (i: number): boolean => {
      const at = this.#failedAt[i] ?? null;
      return at === null || now - at >= this.returnAfterMs;
    };
    const all = [...this.#failedAt.keys()];
    return [...all.filter(rested), ...all.filter((i) => !rested(i))];
  }

  failed(server: number, now: number): void {
    this.#failedAt[server] = now;
  }

  worked(server: number): void {
    this.#failedAt[server] = null;
  }
}

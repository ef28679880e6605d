type Act = () => Promise<void>;

/** A way that one at a time has for itself, in the order in which they came; some are let in before all that wait. */
export class Lane {
  readonly #urgent: Act[] = [];
  readonly #waiting: Act[] = [];
  #isTaken = false;

  /** Resolves or rejects as the act does, which begins when all before it have ended. */
  take<Result>(act: () => Promise<Result>): Promise<Result> {
    return this.#enter(this.#waiting, act);
  }

  /** As {@link take}, but only behind those that are let in so, too. */
  takeNext<Result>(act: () => Promise<Result>): Promise<Result> {
    return this.#enter(this.#urgent, act);
  }

  #enter<Result>(queue: Act[], act: () => Promise<Result>): Promise<Result> {
    return new Promise((resolve, reject) => {
      queue.push(() => act().then(resolve, reject));
      if (!this.#isTaken) void this.#run();
    });
  }

  async #run(): Promise<void> {
    this.#isTaken = true;
    for (let act = this.#next(); act !== undefined; act = this.#next()) await act();
    this.#isTaken = false;
  }

  #next(): Act | undefined {
    return this.#urgent.shift() ?? this.#waiting.shift();
  }
}

/** A way that one at a time has for itself, in the order in which they came. */
export class Lane {
  #last: Promise<unknown> = Promise.resolve();

  /** Resolves or rejects as the act does, which begins when all before it have ended. */
  take<Result>(act: () => Promise<Result>): Promise<Result> {
    const taken = this.#last.then(act);
    this.#last = taken.catch(() => {});
    return taken;
  }
}

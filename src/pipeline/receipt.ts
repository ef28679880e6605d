/** Travels with a batch: done when each of its holders has settled what it was given. */
export class Receipt {
  #open: number;
  readonly #done: () => void;

  /** `holders` is how often {@link settle} will be called; with none the receipt is done at once. */
  constructor(
    holders: number,
    done: () => void,
    /** Whether nobody waits for it any more: what it stands for comes again. */
    readonly isDropped: () => boolean = () => false,
  ) {
    this.#open = holders;
    this.#done = done;
    if (holders === 0) done();
  }

  settle(): void {
    this.#open--;
    if (this.#open === 0) this.#done();
    else if (this.#open < 0) throw new Error('a receipt was settled more often than it has holders');
  }
}

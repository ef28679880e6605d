/**
 * Where the records lie that were handed out while lines of theirs stood behind the head of another: reading must not start between.
 *
 * One span is enough: records are handed out in the order of their heads, and only positions behind the last head are asked for. What overlaps
 * grows together, so that many processes' interleaved tracebacks cost no more than one.
 */
export class Spans {
  #from = -1;
  #to = -1;

  /**
   * @param longest length from which on a span grows no more, so that reading again begins at a bounded distance however long tracebacks go on
   * overlapping. Records are not lost then, but the last lines of some may come again as records of their own.
   */
  constructor(readonly longest: number) {}

  /** @param from position of the first line, not less than in the call before, @param to position of the last */
  add(from: number, to: number): void {
    if (from <= this.#to && Math.max(to, this.#to) - this.#from <= this.longest) this.#to = Math.max(to, this.#to);
    else {
      this.#from = from;
      this.#to = to;
    }
  }

  /** The largest position up to `position`, which lies behind all that `add` was given as `from`, that lies in no span. */
  before(position: number): number {
    return this.#from < position && this.#to >= position ? this.#from : position;
  }
}

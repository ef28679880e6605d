interface Span {
  readonly from: number;
  readonly to: number;
}

/** Where the records lie that were handed out while lines of theirs stood behind the head of another: reading must not start between. */
export class Spans {
  #spans: Span[] = [];

  /** @param from position of the first line, @param to position of the last */
  add(from: number, to: number): void {
    this.#spans.push({ from, to });
  }

  /** The largest position up to `position` that lies in no span; spans before it are forgotten, so positions may only grow. */
  before(position: number): number {
    if (this.#spans.length === 0) return position;
    let safe = position;
    for (let moved = true; moved; ) {
      moved = false;
      for (const { from, to } of this.#spans) {
        if (from < safe && to >= safe) {
          safe = from;
          moved = true;
        }
      }
    }
    this.#spans = this.#spans.filter((span) => span.to >= safe);
    return safe;
  }
}

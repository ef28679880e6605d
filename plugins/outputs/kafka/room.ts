/** Those who wait for room in the producer's queue, or for reports. */
export class Room {
  readonly #waiting: (() => void)[] = [];
  #waking = false;

  /** Resolves at the next {@link free}. */
  wait(): Promise<void> {
    return new Promise((resolve) => this.#waiting.push(resolve));
  }

  /** There may be room: all look again, after this turn, since reports come many at a time. */
  free(): void {
    if (this.#waiting.length === 0 || this.#waking) return;
    this.#waking = true;
    setImmediate(() => {
      this.#waking = false;
      for (const go of this.#waiting.splice(0)) go();
    });
  }
}

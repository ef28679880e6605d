/** Messages of one stretch of numbers. */
const PER_STRETCH = 2 ** 12;
/** Stretches, so that the largest number is 2^30 - 1: up to there a number is no object, which each report would have to carry and the collector to move. */
const STRETCHES = 2 ** 18;

/** What was given for some messages. */
export interface Given<Owner> {
  readonly owner: Owner;
  /** The number of the owner's message 0; those that follow are of its next ones. */
  readonly first: number;
  readonly stretches: number;
}

/** Numbers for messages, of which each says whose it is: a delivery report carries one, so that no object is needed for each message. */
export class Tickets<Owner> {
  readonly #given = new Map<number, Given<Owner>>();
  #next = 0;

  /** Numbers for so many messages, none of them in use. */
  give(owner: Owner, messages: number): Given<Owner> {
    const stretches = Math.max(1, Math.ceil(messages / PER_STRETCH));
    const from = this.#free(stretches);
    const given = { owner, first: from * PER_STRETCH, stretches };
    for (let i = from; i < from + stretches; i++) this.#given.set(i, given);
    this.#next = from + stretches;
    return given;
  }

  /** Null where the owner does not wait for it any more. */
  find(ticket: number): Given<Owner> | null {
    return this.#given.get(Math.floor(ticket / PER_STRETCH)) ?? null;
  }

  /** The reports of these have come, or come too late. */
  takeBack({ first, stretches }: Given<Owner>): void {
    const from = first / PER_STRETCH;
    for (let i = from; i < from + stretches; i++) this.#given.delete(i);
  }

  /** The first of so many stretches that nobody has, from the last that were given on, and round. */
  #free(stretches: number): number {
    let from = this.#next;
    let free = 0;
    while (free < stretches) {
      if (from + stretches > STRETCHES) [from, free] = [0, 0];
      else if (this.#given.has(from + free)) [from, free] = [from + free + 1, 0];
      else free++;
    }
    return from;
  }
}

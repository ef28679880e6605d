/** More messages than a batch has. */
const PER_OWNER = 2 ** 24;

/** Numbers for messages, of which each says whose it is: a delivery report carries one, so that no object is needed for each message. */
export class Tickets<Owner> {
  readonly #owners = new Map<number, Owner>();
  #last = 0;

  /** The number of the owner's message 0; those that follow are of its next ones. */
  give(owner: Owner): number {
    const serial = ++this.#last;
    this.#owners.set(serial, owner);
    return serial * PER_OWNER;
  }

  /** Null where the owner does not wait for it any more. */
  find(ticket: number): { readonly owner: Owner; readonly index: number } | null {
    const owner = this.#owners.get(Math.floor(ticket / PER_OWNER));
    return owner === undefined ? null : { owner, index: ticket % PER_OWNER };
  }

  /** The reports of these have come, or come too late. */
  takeBack(first: number): void {
    this.#owners.delete(Math.floor(first / PER_OWNER));
  }
}

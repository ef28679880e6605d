/**
 * What of one partition was handed out and what of that is stored: from it follows which offset may be committed.
 *
 * An owner is whatever settles by itself, in order: the lines of one key. Messages from which nothing came have none. An offset may have a
 * fraction where one message became several lines; it is done when all of them are.
 */
export class PartitionOffsets<Owner extends object> {
  /** Handed out, in order; what lies before `#first` is settled. */
  #offsets: number[] = [];
  #done: boolean[] = [];
  #first = 0;
  /** Entries that were cut off the front so far: numbers in `#open` go on counting. */
  #cut = 0;
  /** Per owner the numbers of its entries that are open, and how many of them are past. */
  readonly #open = new Map<Owner, { numbers: number[]; first: number }>();
  #next = -1;

  /** The offset after the last that was handed out; -1 before the first. */
  get next(): number {
    return this.#next;
  }

  /** How many entries are not settled. */
  get open(): number {
    let open = 0;
    for (const { numbers, first } of this.#open.values()) open += numbers.length - first;
    return open;
  }

  /** The offset at which reading may go on after a restart: all before it are settled. -1 where nothing was handed out. Never less than before. */
  get committable(): number {
    const offset = this.#offsets[this.#first];
    return offset === undefined ? this.#next : Math.floor(offset);
  }

  /** The offset of the first line that is not settled; infinite where all are. */
  get firstOpen(): number {
    return this.#offsets[this.#first] ?? Number.POSITIVE_INFINITY;
  }

  /** A line of the message `offset` is handed out, to be settled by `owner`; null where it is settled at once. Offsets must grow. */
  handOut(offset: number, owner: Owner | null): void {
    this.#next = Math.floor(offset) + 1;
    if (owner === null) {
      // With nothing open before it, it need not be remembered.
      if (this.#first === this.#offsets.length) return;
      this.#offsets.push(offset);
      this.#done.push(true);
      return;
    }
    const number = this.#cut + this.#offsets.length;
    this.#offsets.push(offset);
    this.#done.push(false);
    const own = this.#open.get(owner);
    if (own === undefined) this.#open.set(owner, { numbers: [number], first: 0 });
    else own.numbers.push(number);
  }

  /** All lines of the owner before `position` are stored. */
  settle(owner: Owner, position: number): void {
    const own = this.#open.get(owner);
    if (own === undefined) return;
    while (own.first < own.numbers.length) {
      const index = (own.numbers[own.first] ?? 0) - this.#cut;
      if ((this.#offsets[index] ?? Number.POSITIVE_INFINITY) >= position) break;
      this.#done[index] = true;
      own.first++;
    }
    if (own.first === own.numbers.length) this.#open.delete(owner);
    else if (own.first > 1024) {
      own.numbers = own.numbers.slice(own.first);
      own.first = 0;
    }
    this.#advance();
  }

  #advance(): void {
    while (this.#done[this.#first] === true) this.#first++;
    if (this.#first < 4096 && this.#first < this.#offsets.length) return;
    this.#offsets = this.#offsets.slice(this.#first);
    this.#done = this.#done.slice(this.#first);
    this.#cut += this.#first;
    this.#first = 0;
  }
}

/** What waits to be written. */
export interface Waiting {
  /** In whatever unit the bound of a write is. */
  readonly size: number;
}

/** Bounds of one write. */
export interface GatherLimits {
  /** A write with so much is full. */
  readonly full: number;
  /** How long a write that is not full waits for more, in milliseconds. */
  readonly waitMs: number;
}

/** Gathers what comes into writes that are full or have waited long enough. Its length is bounded by the flight, not here. */
export class Gathering<Parcel extends Waiting> {
  #waiting: { readonly parcel: Parcel; readonly since: number }[] = [];
  #size = 0;

  constructor(
    readonly limits: GatherLimits,
    readonly now: () => number = Date.now,
  ) {}

  get length(): number {
    return this.#waiting.length;
  }

  add(parcel: Parcel): void {
    this.#waiting.push({ parcel, since: this.now() });
    this.#size += parcel.size;
  }

  /** Milliseconds until there is a write to make: 0 where there is one now, null where nothing waits. */
  dueInMs(): number | null {
    const [oldest] = this.#waiting;
    if (oldest === undefined) return null;
    if (this.#size >= this.limits.full) return 0;
    return Math.max(0, oldest.since + this.limits.waitMs - this.now());
  }

  /** The next write: what came first, up to the bound, at least one. */
  take(): Parcel[] {
    let size = 0;
    let count = 0;
    for (const { parcel } of this.#waiting) {
      size += parcel.size;
      if (count > 0 && size > this.limits.full) break;
      count++;
    }
    const taken = this.#waiting.splice(0, count).map(({ parcel }) => parcel);
    for (const parcel of taken) this.#size -= parcel.size;
    return taken;
  }

  /** Takes out what nobody wants any more. */
  takeOut(unwanted: (parcel: Parcel) => boolean): Parcel[] {
    const out = this.#waiting.filter(({ parcel }) => unwanted(parcel)).map(({ parcel }) => parcel);
    if (out.length > 0) this.#waiting = this.#waiting.filter(({ parcel }) => !unwanted(parcel));
    for (const parcel of out) this.#size -= parcel.size;
    return out;
  }

  /** Forgets all that waits. */
  clear(): void {
    this.#waiting.length = 0;
    this.#size = 0;
  }
}

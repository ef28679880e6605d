import type { Source } from '../../../src/record/source.js';

/** A place in the journal: what begins before `position` is up to and with the entry of the cursor. */
export interface Place {
  /** Null before the journal's first entry. */
  readonly cursor: string | null;
  /** How many lines were given out up to there, since the first start. */
  readonly position: number;
}

/** Places kept at a time; of more every second one is forgotten, and a restart then repeats a little more. */
const MOST_PLACES = 1024;

/**
 * How far a journal is stored, when its lines are given out as many sources and each is settled by itself: to the last known place before which no source
 * has anything open.
 */
export class Cursors {
  readonly #open = new Map<Source, { settled: number; given: number }>();
  #places: Place[];

  /** @param start where reading begins */
  constructor(start: Place) {
    this.#places = [start];
  }

  /** Lines of a source, from `at` to before `end`, are given out. */
  give(source: Source, at: number, end: number): void {
    const open = this.#open.get(source);
    if (open === undefined) this.#open.set(source, { settled: at, given: end });
    else open.given = end;
  }

  /** All that is before this place is given out, or was not wanted. Places come in their order. */
  mark(place: Place): void {
    this.#places.push(place);
    if (this.#places.length > MOST_PLACES) this.#places = this.#places.filter((_place, i) => i % 2 === 0 || i === this.#places.length - 1);
  }

  /** All lines of the source before `position` are stored. */
  settle(source: Source, position: number): void {
    const open = this.#open.get(source);
    if (open === undefined) return;
    if (position >= open.given) this.#open.delete(source);
    else open.settled = Math.max(open.settled, position);
  }

  /** The last known place before which everything is stored. */
  get stored(): Place | undefined {
    let safe = Number.POSITIVE_INFINITY;
    for (const { settled } of this.#open.values()) safe = Math.min(safe, settled);
    let last = 0;
    while (last + 1 < this.#places.length && (this.#places[last + 1]?.position ?? safe) <= safe) last++;
    if (last > 0) this.#places.splice(0, last);
    return this.#places[0];
  }
}

import type { Tally } from './tally.js';

/** So many minutes are kept. */
export const MINUTES = 60;
/** Over so long a rate is taken. */
const RATE_MS = 60_000;
/** Looks that are closer together than this are one. */
const LEAST_MS = 1000;

type Counts = ReadonlyMap<string, number>;

interface Minute {
  /** Since the epoch. */
  readonly number: number;
  readonly labels: Map<string, number>;
  readonly stages: Map<string, number>;
}

interface Look {
  readonly at: number;
  readonly counts: Counts;
}

/**
 * What was counted in each of the last sixty minutes, and how fast counts grow now. It looks at the tally now and then, so what it keeps is bounded by the
 * number of labels, and records cost nothing.
 */
export class History {
  readonly #minutes: Minute[] = [];
  #looks: Look[] = [];
  #labels: Counts;
  #stages: Counts;

  constructor(
    readonly tally: Tally,
    readonly now: () => number = Date.now,
  ) {
    this.#labels = new Map(tally.labels);
    this.#stages = new Map(Object.entries(tally.stages));
    this.#looks.push({ at: now(), counts: new Map(tally.counts) });
  }

  /** To be called at least once a minute, and before anything is read here. */
  look(): void {
    const now = this.now();
    const minute = this.#minute(Math.floor(now / 60_000));
    const labels = new Map(this.tally.labels);
    const stages = new Map(Object.entries(this.tally.stages));
    addGrowth(minute.labels, this.#labels, labels);
    addGrowth(minute.stages, this.#stages, stages);
    this.#labels = labels;
    this.#stages = stages;
    const last = this.#looks.at(-1)?.at ?? 0;
    // A clock that was put back.
    if (now < last) this.#looks = [];
    else if (now - last < LEAST_MS) return;
    this.#looks.push({ at: now, counts: new Map(this.tally.counts) });
    while (this.#looks.length > 2 && (this.#looks[1]?.at ?? now) <= now - RATE_MS) this.#looks.shift();
  }

  /** How much a count of the tally has grown a second, over about the last minute; null while nobody can say. */
  rate(count: string): number | null {
    const [first, last] = [this.#looks[0], this.#looks.at(-1)];
    if (first === undefined || last === undefined || last.at === first.at) return null;
    return (((last.counts.get(count) ?? 0) - (first.counts.get(count) ?? 0)) * 1000) / (last.at - first.at);
  }

  /** Records by label, of each of the last sixty minutes, the current one last. */
  labels(): ReadonlyMap<string, readonly number[]> {
    return this.#series((minute) => minute.labels);
  }

  stages(): ReadonlyMap<string, readonly number[]> {
    return this.#series((minute) => minute.stages);
  }

  #series(of: (minute: Minute) => Counts): Map<string, number[]> {
    const newest = this.#minutes.at(-1)?.number ?? 0;
    const series = new Map<string, number[]>();
    for (const minute of this.#minutes)
      for (const [name, count] of of(minute)) {
        const values = series.get(name) ?? new Array<number>(MINUTES).fill(0);
        values[MINUTES - 1 - (newest - minute.number)] = count;
        series.set(name, values);
      }
    return series;
  }

  #minute(wanted: number): Minute {
    const newest = this.#minutes.at(-1);
    if (newest !== undefined && newest.number >= wanted) return newest;
    const minute = { number: wanted, labels: new Map<string, number>(), stages: new Map<string, number>() };
    this.#minutes.push(minute);
    while ((this.#minutes[0]?.number ?? wanted) <= wanted - MINUTES) this.#minutes.shift();
    return minute;
  }
}

function addGrowth(to: Map<string, number>, before: Counts, after: Counts): void {
  for (const [name, count] of after) {
    const grown = count - (before.get(name) ?? 0);
    if (grown > 0) to.set(name, (to.get(name) ?? 0) + grown);
  }
}

import type { Source } from '../record/source.js';

/** A batch on its way. */
export interface Step {
  readonly source: Source;
  readonly resumeAt: number;
  settled: boolean;
  /** Called when nobody waits for it any more. */
  readonly dropped: () => void;
}

/**
 * How far each source is stored. Batches may settle in any order; the position moves only over those before which nothing is open.
 */
export class Progress {
  /** By source id: a file that is taken up again is another object, but the same source; so are the keys of a partition. */
  readonly #steps = new Map<string, Step[]>();
  #isCut = false;
  /** Told when nothing is open any more. */
  #empty: (() => void) | null = null;

  /** `moved` is told the new position of a source; never backwards. */
  constructor(readonly moved: (source: Source, position: number) => void) {}

  /** Nobody is told of what settles. */
  get isCut(): boolean {
    return this.#isCut;
  }

  /** Call in the order of the source. @param dropped called where it is {@link cut} before it is settled */
  begin(source: Source, resumeAt: number, dropped: () => void = () => {}): Step {
    const step: Step = { source, resumeAt, settled: false, dropped };
    const steps = this.#steps.get(source.id);
    if (steps === undefined) this.#steps.set(source.id, [step]);
    else steps.push(step);
    return step;
  }

  /** Resolves when all that was begun is settled. */
  async emptied(): Promise<void> {
    if (this.#steps.size === 0) return;
    await new Promise<void>((resolve) => {
      this.#empty = resolve;
    });
  }

  /** From now on no position moves: whoever is told of them is closed, and what is open is read again by its successor. */
  cut(): void {
    this.#isCut = true;
    for (const steps of this.#steps.values()) for (const { settled, dropped } of steps) if (!settled) dropped();
    this.#steps.clear();
  }

  settle(step: Step): void {
    step.settled = true;
    if (this.#isCut) return;
    const steps = this.#steps.get(step.source.id);
    if (steps === undefined) return;
    const open = steps.findIndex(({ settled }) => !settled);
    const done = steps.splice(0, open < 0 ? steps.length : open);
    if (steps.length === 0) this.#steps.delete(step.source.id);
    // Several objects may share an id, such as the keys of a partition: each is told of itself.
    const last = new Map<Source, number>();
    for (const { source, resumeAt } of done) {
      last.delete(source);
      last.set(source, resumeAt);
    }
    for (const [source, resumeAt] of last) this.moved(source, resumeAt);
    if (this.#steps.size === 0) this.#empty?.();
  }
}

import type { Source } from '../record/source.js';

/** A batch on its way. */
export interface Step {
  readonly source: Source;
  readonly resumeAt: number;
  settled: boolean;
}

/**
 * How far each source is stored. Batches may settle in any order; the position moves only over those before which nothing is open.
 */
export class Progress {
  /** By source id: a file that is taken up again is another object, but the same source; so are the keys of a partition. */
  readonly #steps = new Map<string, Step[]>();

  /** `moved` is told the new position of a source; never backwards. */
  constructor(readonly moved: (source: Source, position: number) => void) {}

  /** Call in the order of the source. */
  begin(source: Source, resumeAt: number): Step {
    const step: Step = { source, resumeAt, settled: false };
    const steps = this.#steps.get(source.id);
    if (steps === undefined) this.#steps.set(source.id, [step]);
    else steps.push(step);
    return step;
  }

  settle(step: Step): void {
    step.settled = true;
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
  }
}

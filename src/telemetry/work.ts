/** Counts what is in an agent's own hands, between its inputs and its outputs. */
export class Work {
  /** Things that were brought a step further: batches classified, written, settled. Only its change means something. */
  steps = 0;
  /** Batches that the cascade has. */
  classifying = 0;
  /** Batches that wait for room in flight. */
  waiting = 0;

  /** Something was brought a step further. */
  step(): void {
    this.steps++;
  }
}

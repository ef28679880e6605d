import { NO_READING, type Reading } from './protocol.js';

/** A text that waits for its answer. */
export interface Question {
  readonly text: string;
  /** Called once; without guesses where the model breaks over this text, null where it is out of order. */
  readonly answer: (reading: Reading | null) => void;
  /** How often the model broke over a job that it was in. */
  failures: number;
}

/** So often may the model break over a text before it stays without an answer. */
const MAX_FAILURES = 2;

/**
 * The line before the model. What came while it was busy goes together in the next job. A text that the model broke over goes alone, so that it
 * takes no other with it when it breaks the model again.
 */
export class Questions {
  readonly #fresh: Question[] = [];
  readonly #suspects: Question[] = [];

  constructor(readonly maxPerJob: number) {}

  get length(): number {
    return this.#fresh.length + this.#suspects.length;
  }

  add(question: Question): void {
    this.#fresh.push(question);
  }

  /** The next job; empty where nobody waits, or only suspects do while the worker has something else (`idle` is false). */
  take(idle: boolean): Question[] {
    if (this.#fresh.length > 0) return this.#fresh.splice(0, this.maxPerJob);
    return idle ? this.#suspects.splice(0, 1) : [];
  }

  /** Jobs that were sent but not begun, in their order: nothing speaks against them. */
  takeBack(jobs: readonly (readonly Question[])[]): void {
    for (const question of jobs.flat()) (question.failures === 0 ? this.#fresh : this.#suspects).push(question);
  }

  /** The model broke over this job. */
  blame(job: readonly Question[]): void {
    for (const question of job) {
      question.failures++;
      if (question.failures >= MAX_FAILURES) question.answer(NO_READING);
      else this.#suspects.push(question);
    }
  }

  /** Everybody is told that there is no answer. */
  giveUp(): void {
    for (const question of [...this.#fresh.splice(0), ...this.#suspects.splice(0)]) question.answer(null);
  }
}

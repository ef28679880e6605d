import type { Fault } from '../../kafka/words.js';
import type { Part } from './batch.js';

/** What became of messages that were handed over together. */
export interface RoundResult {
  /** Not taken as they are; each of them, or another of its batch, is at fault. */
  readonly refused: readonly Part[];
  /** Of the refused; null where there are none. */
  readonly reason: Fault | null;
  /** Of others that have to be sent again; null where there are none. */
  readonly fault: Fault | null;
}

/** Messages that are under way, from the first hand-over to the last report. */
export class Round {
  /** Resolves when each has its report. */
  readonly done: Promise<RoundResult>;
  #resolve: (result: RoundResult) => void = () => {};
  readonly #refused = new Map<Part['batch'], number[]>();
  #reason: Fault | null = null;
  #fault: Fault | null = null;
  #open = 0;
  #sealed = false;

  constructor() {
    this.done = new Promise((resolve) => {
      this.#resolve = resolve;
    });
  }

  get fault(): Fault | null {
    return this.#fault;
  }

  handedOver(): void {
    this.#open++;
  }

  /** Something keeps what is left from being handed over, or from being reported. */
  failed(fault: Fault): void {
    this.#fault ??= fault;
  }

  reported(batch: Part['batch'], index: number, fault: Fault | null): void {
    this.#open--;
    if (fault === null) batch.settled[index] = 1;
    else if (fault.kind === 'too_large' || fault.kind === 'invalid') this.refuse(batch, index, fault);
    else this.#fault ??= fault;
    this.#settle();
  }

  refuse(batch: Part['batch'], index: number, reason: Fault): void {
    this.#reason = reason;
    const indices = this.#refused.get(batch);
    if (indices === undefined) this.#refused.set(batch, [index]);
    else indices.push(index);
  }

  /** Nothing more is handed over. */
  seal(): void {
    this.#sealed = true;
    this.#settle();
  }

  /** No more reports will come. */
  abandon(fault: Fault): void {
    this.failed(fault);
    this.#open = 0;
    this.seal();
  }

  #settle(): void {
    if (!this.#sealed || this.#open > 0) return;
    const refused = [...this.#refused].map(([batch, indices]) => ({ batch, indices: indices.toSorted((a, b) => a - b) }));
    this.#resolve({ refused, reason: this.#reason, fault: this.#fault });
  }
}

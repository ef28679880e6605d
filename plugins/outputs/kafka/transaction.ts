import type { TiedPartition } from '../../kafka/tie.js';
import type { TiedBatch } from './tied-batch.js';

/** Messages that were handed over together; done when each has its report, or when the transaction has failed. */
export class Handed {
  readonly done: Promise<void>;
  #resolve: () => void = () => {};
  #open = 0;
  #sealed = false;

  constructor() {
    this.done = new Promise((resolve) => {
      this.#resolve = resolve;
    });
  }

  /** Without a report yet. */
  get underWay(): number {
    return this.#open;
  }

  handedOver(): void {
    this.#open++;
  }

  reported(): void {
    this.#open--;
    this.#settle();
  }

  /** Nothing more is handed over. */
  seal(): void {
    this.#sealed = true;
    this.#settle();
  }

  /** No more reports are waited for. */
  abandon(): void {
    this.#open = 0;
    this.seal();
  }

  #settle(): void {
    if (this.#sealed && this.#open <= 0) this.#resolve();
  }
}

/** An open transaction: what was written in it, and whether it can still be committed. */
export class Transaction {
  /** Resolves when it fails. */
  readonly failed: Promise<void>;
  #fail: () => void = () => {};
  /** Why it has to be aborted; null while it has not. */
  fault: string | null = null;
  /** The offset of the last record of each partition of which something is in it. */
  readonly #last = new Map<TiedPartition, number>();
  readonly #handed: Handed[] = [];

  /** @param since when it was begun, by a clock that only goes forward, in milliseconds */
  constructor(readonly since: number) {
    this.failed = new Promise((resolve) => {
      this.#fail = resolve;
    });
  }

  add(partition: TiedPartition, { last }: Pick<TiedBatch, 'last'>): void {
    this.#last.set(partition, Math.max(last, this.#last.get(partition) ?? -1));
  }

  handOver(): Handed {
    const handed = new Handed();
    this.#handed.push(handed);
    return handed;
  }

  /** False where it had failed before. */
  fail(fault: string): boolean {
    if (this.fault !== null) return false;
    this.fault = fault;
    this.#fail();
    for (const handed of this.#handed) handed.abandon();
    return true;
  }

  /** Messages without a report yet. */
  get underWay(): number {
    return this.#handed.reduce((sum, { underWay }) => sum + underWay, 0);
  }

  /** Resolves when all that was handed over has its report, or the transaction has failed. */
  async reported(): Promise<void> {
    await Promise.race([Promise.all(this.#handed.map(({ done }) => done)), this.failed]);
  }

  /** The books have passed all that is in it. */
  get isSettled(): boolean {
    return [...this.#last].every(([partition, last]) => partition.passed(last));
  }

  /** Of a message with several records some are not in it yet: the offset that can be committed lies before them. */
  get isTorn(): boolean {
    return [...this.#last].some(([partition, last]) => partition.committable <= last);
  }

  /** Of each partition it may still be committed. */
  get isOurs(): boolean {
    return [...this.#last.keys()].every(({ writable }) => writable);
  }
}

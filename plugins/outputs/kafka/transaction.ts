import type { TiedPartition } from '../../kafka/tie.js';
import type { TiedBatch } from './tied-batch.js';

/** An open transaction: what was written in it, and whether it can still be committed. */
export class Transaction {
  /** Resolves when it fails. */
  readonly failed: Promise<void>;
  #fail: () => void = () => {};
  /** Why it has to be aborted; null while it has not. */
  fault: string | null = null;
  /** The offset of the last record of each partition of which something is in it. */
  readonly #last = new Map<TiedPartition, number>();

  /** @param since when it was begun, by a clock that only goes forward, in milliseconds */
  constructor(readonly since: number) {
    this.failed = new Promise((resolve) => {
      this.#fail = resolve;
    });
  }

  add(partition: TiedPartition, { last }: Pick<TiedBatch, 'last'>): void {
    this.#last.set(partition, Math.max(last, this.#last.get(partition) ?? -1));
  }

  /** False where it had failed before. */
  fail(fault: string): boolean {
    if (this.fault !== null) return false;
    this.fault = fault;
    this.#fail();
    return true;
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

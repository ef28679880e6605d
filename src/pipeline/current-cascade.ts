import { type LogRecord, UNCLASSIFIED } from '../record/record.js';
import type { Cascade } from '../stages/cascade.js';

/** A cascade, and how many batches it has not answered. */
interface Generation {
  readonly cascade: Cascade;
  batches: number;
  /** Called when it has no batch any more; null while it may get some. */
  idle: (() => void) | null;
}

/**
 * The cascade that batches go through. Another may take its place at any moment: a batch is classified by the one that it came to, the next by the new one, and
 * the old one is closed when it has answered its last.
 */
export class CurrentCascade {
  #now: Generation;
  /** The one before, until it is closed. */
  #old: Generation | null = null;
  #retired: Promise<void> = Promise.resolve();

  constructor(cascade: Cascade) {
    this.#now = { cascade, batches: 0, idle: null };
  }

  /** All that a record can get from the one that is asked now. */
  get labels(): readonly string[] {
    return [...this.#now.cascade.taxonomy.labels.keys(), UNCLASSIFIED];
  }

  /** As the cascade's own `classify`. */
  classify(records: readonly LogRecord[]): Promise<void> | undefined {
    const generation = this.#now;
    const classified = generation.cascade.classify(records);
    if (classified === undefined) return undefined;
    generation.batches++;
    return classified.finally(() => {
      if (--generation.batches === 0) generation.idle?.();
    });
  }

  /** One at a time. Resolves when the old one is closed. @throws what closing it throws; the new one has its place all the same. */
  replace(cascade: Cascade): Promise<void> {
    const old = this.#now;
    this.#now = { cascade, batches: 0, idle: null };
    this.#old = old;
    this.#retired = this.#retire(old);
    return this.#retired;
  }

  /** What has no answer yet stays without. */
  async close(): Promise<void> {
    this.#old?.idle?.();
    await this.#retired.catch(() => {});
    await this.#now.cascade.close();
  }

  async #retire(old: Generation): Promise<void> {
    if (old.batches > 0) {
      await new Promise<void>((resolve) => {
        old.idle = resolve;
      });
    }
    await old.cascade.close();
    this.#old = null;
  }
}

import { setTimeout as sleep } from 'node:timers/promises';
import type { Partition } from './partition.js';

const RETRY_MS = 200;

/** Codes of the protocol (https://kafka.apache.org/protocol#protocol_error_codes) by which brokers say that a topic is not there, or is another than it was. */
const CODES: ReadonlySet<number> = new Set([3, 100, 103]);

/** Whether an error raises the doubt that a topic is still the one that was read. */
export function raisesDoubt(code: number): boolean {
  return CODES.has(code);
}

export interface DoubtEvents {
  /** The group's offset of a partition; -1 without one, null where it cannot be learnt. */
  committed(partition: Partition): Promise<number | null>;
  /** Its topic was deleted, and may have been made anew. */
  remade(partition: Partition): void;
  /** Nothing is to be asked any more. */
  over(): boolean;
}

/**
 * A topic that is made anew has the name of the old one, and offsets are committed by name: one of the old topic would jump over records of the new.
 * With a topic the group forgets its offsets, so after an error that raises doubt it is asked for them, and until it has answered nothing may be committed.
 */
export class Doubts {
  #asking: Promise<void> | null = null;
  #again = false;

  constructor(readonly events: DoubtEvents) {}

  get any(): boolean {
    return this.#asking !== null;
  }

  /** @param partitions those that are ours, asked for again as often as there is new doubt. */
  raise(partitions: () => Iterable<Partition>): void {
    this.#again = true;
    this.#asking ??= this.#ask(partitions).finally(() => {
      this.#asking = null;
    });
  }

  /** Resolves when there is none, or after the time. */
  async settled(ms: number): Promise<void> {
    if (this.#asking !== null) await Promise.race([this.#asking, sleep(ms, undefined, { ref: false })]);
  }

  async #ask(partitions: () => Iterable<Partition>): Promise<void> {
    while (this.#again && !this.events.over()) {
      this.#again = false;
      for (const partition of partitions()) {
        // What the group never had of us it cannot have forgotten.
        if (partition.committed < 0) continue;
        const committed = await this.events.committed(partition);
        if (committed === null) this.#again = true;
        else if (committed < partition.committed) this.events.remade(partition);
      }
      if (this.#again) await sleep(RETRY_MS);
    }
  }
}

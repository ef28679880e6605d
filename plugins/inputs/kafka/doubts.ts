import { setTimeout as sleep } from 'node:timers/promises';
import type { Partition } from './partition.js';

const RETRY_MS = 200;
/** Who did not poll for so long, in milliseconds, may have missed that a topic was deleted. */
const STALL_MS = 1000;

/** Codes of the protocol (https://kafka.apache.org/protocol#protocol_error_codes) by which brokers say that a topic is not there, or is another than it was. */
const CODES: ReadonlySet<number> = new Set([3, 100, 103]);

/** Whether an error raises the doubt that a topic is still the one that was read. */
export function raisesDoubt(code: number): boolean {
  return CODES.has(code);
}

/** What is known here of a partition, and what the group says now. */
export interface Compared {
  /** The offset that the group was known to have; -1 for none. */
  readonly known: number;
  /** The offset of the last message that came; -1 for none. */
  readonly received: number;
  /** The group's offset now; -1 for none. */
  readonly committed: number;
}

/**
 * Whether the topic of these partitions is another than the one that was read. With a topic the group forgets all its offsets, so one partition speaks
 * for all. Where the group never had any, the word of the brokers decides: to read twice is better than to pass over.
 * @param missed whether brokers said that the topic was not there
 */
export function isRemade(partitions: readonly Compared[], missed: boolean): boolean {
  if (partitions.some(({ known, committed }) => committed < known)) return true;
  return missed && partitions.every(({ committed }) => committed < 0) && partitions.some(({ received }) => received >= 0);
}

export interface DoubtEvents {
  /** Those that are ours. */
  partitions(): Iterable<Partition>;
  /** The group's offsets of them, in their order; -1 without one, null where they cannot be learnt. */
  committed(partitions: readonly Partition[]): Promise<readonly number[] | null>;
  /** Their topic was deleted, and may have been made anew. @param stale those for which the group has an offset of the old one by now */
  remade(partitions: readonly Partition[], stale: readonly Partition[]): void;
  /** Nothing is to be asked any more. */
  over(): boolean;
}

/**
 * A topic that is made anew has the name of the old one, and offsets are committed by name: one of the old topic would jump over records of the new.
 * So when brokers say that a topic is not there, or when that may have been missed, the group is asked for its offsets, and until it has answered
 * nothing may be committed.
 */
export class Doubts {
  #asking: Promise<void> | null = null;
  #again = false;
  /** Brokers said so. */
  #missed = false;
  #polled = Number.NaN;

  constructor(readonly events: DoubtEvents) {}

  get any(): boolean {
    return this.#asking !== null;
  }

  /** Brokers said that a topic is not there. */
  raise(): void {
    this.#missed = true;
    this.#look();
  }

  /** To be called at each poll. */
  polled(now: number): void {
    if (now - this.#polled > STALL_MS) this.#look();
    this.#polled = now;
  }

  /** Resolves when there is none, or after the time. */
  async settled(ms: number): Promise<void> {
    if (this.#asking !== null) await Promise.race([this.#asking, sleep(ms, undefined, { ref: false })]);
  }

  /** Asked for again as often as there is new doubt. */
  #look(): void {
    this.#again = true;
    this.#asking ??= this.#ask().finally(() => {
      this.#asking = null;
      this.#missed = false;
    });
  }

  async #ask(): Promise<void> {
    while (this.#again && !this.events.over()) {
      this.#again = false;
      const partitions = [...this.events.partitions()].filter(({ state }) => state === 'ours' || state === 'leaving');
      if (partitions.length === 0) continue;
      // As it was before it is asked: what is committed meanwhile is no less.
      const known = partitions.map(({ committed }) => committed);
      const answer = await this.events.committed(partitions);
      if (answer === null) {
        this.#again = true;
        await sleep(RETRY_MS);
        continue;
      }
      const compared = partitions.map((partition, i) => {
        const { topic, received } = partition;
        return { partition, topic, received, known: known[i] ?? -1, committed: answer[i] ?? -1 };
      });
      for (const topic of new Set(compared.map((one) => one.topic))) this.#compare(compared.filter((one) => one.topic === topic));
    }
  }

  #compare(ofTopic: readonly (Compared & { readonly partition: Partition })[]): void {
    if (!isRemade(ofTopic, this.#missed)) return;
    this.events.remade(
      ofTopic.map(({ partition }) => partition),
      ofTopic.filter(({ committed }) => committed >= 0).map(({ partition }) => partition),
    );
  }
}

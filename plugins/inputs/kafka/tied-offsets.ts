import type { KafkaConsumer, TopicPartitionOffset } from 'node-rdkafka';
import type { Source } from '../../../src/record/source.js';
import type { OffsetBooks, OffsetStore, TiedPartition } from '../../kafka/tie.js';
import type { PartitionCommits } from './commits.js';
import type { Member } from './member.js';
import { nameOf, type Partition } from './partition.js';

/** Leaves the offsets of a member to a store that takes them together with the records. */
export class TiedCommits implements PartitionCommits {
  constructor(
    readonly store: OffsetStore,
    readonly waitMs: number,
  ) {}

  /** The store looks by itself for what moved. */
  later(): void {}

  /** What is not written by then is the next owner's: no more of it may be written behind the commit. */
  async now(partitions: Iterable<Partition>): Promise<void> {
    const leaving = [...partitions];
    await this.store.commit(this.waitMs, () => {
      for (const partition of leaving) partition.state = 'gone';
    });
  }

  released(): Promise<void> {
    return this.store.released();
  }

  /** Only where a new group begins is committed by the consumer itself. */
  answered(): void {}
}

/** What the books are kept from. */
export interface TiedReading {
  readonly transactionalId: string;
  member(): Member | null;
  partitionOf(source: Source): TiedPartition | null;
  /** These are gone: what waits of them is to be let go of. */
  release(partitions: readonly Partition[]): void;
}

/** The offsets of a member, for whoever stores them. */
export class TiedOffsets implements OffsetBooks {
  onSettled: () => void = () => {};

  constructor(readonly reading: TiedReading) {}

  get transactionalId(): string {
    return this.reading.transactionalId;
  }

  get consumer(): KafkaConsumer | null {
    const member = this.reading.member();
    return member === null || member.isOver ? null : member.consumer;
  }

  partitionOf(source: Source): TiedPartition | null {
    return this.reading.partitionOf(source);
  }

  moved(): readonly TopicPartitionOffset[] {
    return this.#partitions.flatMap(({ toCommit }) => toCommit ?? []);
  }

  stored(offsets: readonly TopicPartitionOffset[]): void {
    const known = new Map(offsets.map(({ topic, partition, offset }) => [nameOf(topic, partition), offset]));
    for (const partition of this.#partitions)
      partition.committed = Math.max(partition.committed, known.get(nameOf(partition.topic, partition.partition)) ?? -1);
  }

  forget(): void {
    const partitions = this.#partitions;
    for (const partition of partitions) partition.state = 'gone';
    this.reading.release(partitions);
    this.onSettled();
  }

  async rewind(): Promise<void> {
    await this.reading.member()?.rewind();
  }

  get #partitions(): Partition[] {
    return [...(this.reading.member()?.partitions ?? [])];
  }
}

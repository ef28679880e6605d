import { setTimeout as sleep } from 'node:timers/promises';
import type { KafkaConsumer, LibrdKafkaError, TopicPartitionOffset } from 'node-rdkafka';
import type { Partition } from './partition.js';

export interface CommitTimes {
  /** How often, in milliseconds. */
  readonly everyMs: number;
  /** How long one is waited for, at most. */
  readonly waitMs: number;
}

/** How the offsets of a member get to the group. */
export interface PartitionCommits {
  /** It may be time to commit what moved. */
  later(partitions: Iterable<Partition>): void;
  /** Commits what moved, within a bound, or leaves it. */
  now(partitions: Iterable<Partition>): Promise<void>;
  /** Resolves when no call is under way on the consumer, so that it may be closed. */
  released(): Promise<void>;
  /** The group's answer to a commit of the consumer. */
  answered(error: LibrdKafkaError | null | undefined, offsets: readonly TopicPartitionOffset[]): void;
}

/** One that was not answered for so long is given up, in milliseconds. */
const LOST_MS = 60_000;

interface Sent {
  readonly partition: Partition;
  readonly offset: TopicPartitionOffset;
}

interface UnderWay {
  readonly sent: readonly Sent[];
  readonly since: number;
  readonly done: Promise<void>;
  readonly end: () => void;
}

/** The commits of a member: one under way at a time, unless its answer is lost. */
export class Commits implements PartitionCommits {
  #underWay: UnderWay | null = null;
  #next = 0;

  constructor(
    readonly consumer: Pick<KafkaConsumer, 'commit'>,
    readonly times: CommitTimes,
    readonly count: (name: string) => void,
    readonly complain: (message: string, error: unknown) => void,
  ) {}

  /** When it is time and none is under way. */
  later(partitions: Iterable<Partition>): void {
    const now = performance.now();
    if (now < this.#next) return;
    this.#next = now + this.times.everyMs;
    if (this.#underWay !== null && now - this.#underWay.since < LOST_MS) return;
    this.#send(partitions);
  }

  async now(partitions: Iterable<Partition>): Promise<void> {
    const deadline = performance.now() + this.times.waitMs;
    await this.#answer(deadline);
    this.#send(partitions);
    await this.#answer(deadline);
  }

  /** A commit of the consumer's own is no call that lasts. */
  async released(): Promise<void> {}

  answered(error: LibrdKafkaError | null | undefined, offsets: readonly TopicPartitionOffset[] = []): void {
    const taken = (this.#underWay?.sent ?? []).filter(({ offset }) => offsets.some((one) => isSame(one, offset)));
    // Another commit of the consumer's.
    if (offsets.length > 0 && taken.length === 0) return;
    this.#underWay?.end();
    this.#underWay = null;
    if (error) {
      this.count('commit_failures');
      this.complain('offsets were not committed; a restart would repeat records', error);
      return;
    }
    // What was sent of a partition says nothing of what stands in its place by now.
    for (const { partition, offset } of taken) partition.committed = Math.max(partition.committed, offset.offset);
    this.count('commits');
  }

  async #answer(deadline: number): Promise<void> {
    if (this.#underWay === null) return;
    await Promise.race([this.#underWay.done, sleep(Math.max(1, deadline - performance.now()), undefined, { ref: false })]);
  }

  #send(partitions: Iterable<Partition>): void {
    const sent = [...partitions].flatMap((partition) => {
      const { toCommit: offset } = partition;
      return offset === null ? [] : [{ partition, offset }];
    });
    if (sent.length === 0) return;
    let end = (): void => {};
    const done = new Promise<void>((resolve) => {
      end = resolve;
    });
    try {
      this.consumer.commit(sent.map(({ offset }) => offset));
      this.#underWay = { sent, since: performance.now(), done, end };
    } catch (error) {
      this.complain('offsets cannot be committed; a restart would repeat records', error);
    }
  }
}

function isSame(one: TopicPartitionOffset, other: TopicPartitionOffset): boolean {
  return one.topic === other.topic && one.partition === other.partition && one.offset === other.offset;
}

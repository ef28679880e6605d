import { setTimeout as sleep } from 'node:timers/promises';
import type { KafkaConsumer, LibrdKafkaError, TopicPartitionOffset } from 'node-rdkafka';
import { nameOf, type Partition } from './partition.js';

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
  /** The group's answer to a commit of the consumer. @param own by name, those that are ours by now. */
  answered(
    error: LibrdKafkaError | null | undefined,
    partitions: readonly TopicPartitionOffset[],
    own: ReadonlyMap<string, Partition>,
  ): void;
}

/** One that was not answered for so long is given up, in milliseconds. */
const LOST_MS = 60_000;

/** The commits of a member: one under way at a time, unless its answer is lost. */
export class Commits implements PartitionCommits {
  #underWay: { readonly since: number; readonly done: Promise<void>; readonly end: () => void } | null = null;
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

  answered(
    error: LibrdKafkaError | null | undefined,
    partitions: readonly TopicPartitionOffset[],
    own: ReadonlyMap<string, Partition>,
  ): void {
    this.#underWay?.end();
    this.#underWay = null;
    if (error) {
      this.count('commit_failures');
      this.complain('offsets were not committed; a restart would repeat records', error);
      return;
    }
    for (const { topic, partition, offset } of partitions) {
      const known = own.get(nameOf(topic, partition));
      if (known !== undefined && offset > known.committed) known.committed = offset;
    }
    this.count('commits');
  }

  async #answer(deadline: number): Promise<void> {
    if (this.#underWay === null) return;
    await Promise.race([this.#underWay.done, sleep(Math.max(1, deadline - performance.now()), undefined, { ref: false })]);
  }

  #send(partitions: Iterable<Partition>): void {
    const moved = [...partitions].flatMap(({ toCommit }) => toCommit ?? []);
    if (moved.length === 0) return;
    let end = (): void => {};
    const done = new Promise<void>((resolve) => {
      end = resolve;
    });
    try {
      this.consumer.commit(moved);
      this.#underWay = { since: performance.now(), done, end };
    } catch (error) {
      this.complain('offsets cannot be committed; a restart would repeat records', error);
    }
  }
}

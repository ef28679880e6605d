import type { KafkaConsumer, TopicPartition } from 'node-rdkafka';
import { nameOf, type Partition } from './partition.js';
import type { Start } from './positions.js';

/** What the group gave to a member, and what of that is read. */
export class Assignment {
  readonly #partitions = new Map<string, Partition>();
  /** Given, and not read yet: where to begin is not known. */
  readonly #waiting = new Map<string, TopicPartition>();
  #paused = false;

  constructor(
    readonly consumer: Pick<
      KafkaConsumer,
      'assign' | 'unassign' | 'incrementalAssign' | 'incrementalUnassign' | 'rebalanceProtocol' | 'pause' | 'resume'
    >,
    readonly made: (topic: string, partition: number) => Partition,
  ) {}

  /** Those that are read, by name. */
  get partitions(): ReadonlyMap<string, Partition> {
    return this.#partitions;
  }

  get waiting(): readonly TopicPartition[] {
    return [...this.#waiting.values()];
  }

  get isPaused(): boolean {
    return this.#paused;
  }

  give(given: readonly TopicPartition[]): void {
    for (const one of given) this.#waiting.set(nameOf(one.topic, one.partition), one);
  }

  /** Others of the waiting come before it. */
  putBehind(one: TopicPartition): void {
    const name = nameOf(one.topic, one.partition);
    if (this.#waiting.delete(name)) this.#waiting.set(name, one);
  }

  /** Has those of the waiting be read whose start is known. With none, the library still learns that its assignment was seen. */
  begin(starts: readonly Start[]): void {
    const { consumer } = this;
    const places = starts.map(({ topic, partition, offset }) => ({ topic, partition, offset }));
    if (isCooperative(consumer)) consumer.incrementalAssign(places);
    else consumer.assign(places);
    for (const { topic, partition, end } of starts) {
      const own = this.made(topic, partition);
      if (end !== undefined) {
        own.end = end.high;
        own.ended = end.high <= Math.max(end.low, end.from);
      }
      this.#partitions.set(nameOf(topic, partition), own);
      this.#waiting.delete(nameOf(topic, partition));
    }
    if (this.#paused && starts.length > 0) consumer.pause(starts.map(({ topic, partition }) => ({ topic, partition })));
  }

  /** The books of a partition begin again, in another object. */
  renew({ topic, partition, end }: Partition): Partition {
    const next = this.made(topic, partition);
    next.end = end;
    this.#partitions.set(nameOf(topic, partition), next);
    return next;
  }

  /** Those that are being taken away and are read; the others wait no more. */
  leave(given: readonly TopicPartition[]): readonly Partition[] {
    for (const { topic, partition } of given) this.#waiting.delete(nameOf(topic, partition));
    const leaving = this.#readOf(given);
    for (const partition of leaving) partition.leave();
    return leaving;
  }

  /** Gives them back: of those that are not read the library knows nothing. @throws what the library says. */
  giveBack(given: readonly TopicPartition[]): void {
    const { consumer } = this;
    const known = this.#readOf(given);
    for (const own of known) {
      own.state = 'gone';
      this.#partitions.delete(nameOf(own.topic, own.partition));
    }
    if (isCooperative(consumer)) consumer.incrementalUnassign(known.map(({ topic, partition }) => ({ topic, partition })));
    else consumer.unassign();
  }

  /** @throws what the library says. */
  pause(pause: boolean): void {
    const read = [...this.#partitions.values()].map(({ topic, partition }) => ({ topic, partition }));
    if (pause) this.consumer.pause(read);
    else this.consumer.resume(read);
    this.#paused = pause;
  }

  #readOf(given: readonly TopicPartition[]): Partition[] {
    return given.flatMap(({ topic, partition }) => this.#partitions.get(nameOf(topic, partition)) ?? []);
  }
}

function isCooperative(consumer: Pick<KafkaConsumer, 'rebalanceProtocol'>): boolean {
  return consumer.rebalanceProtocol() === 'COOPERATIVE';
}

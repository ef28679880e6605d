import { setTimeout as sleep } from 'node:timers/promises';
import type { KafkaConsumer, TopicPartition } from 'node-rdkafka';
import type { Partition } from './partition.js';

const ASK_MS = 5000;
const RETRY_MS = 200;

/** Where a partition is begun, and where it ended then. */
export interface Start {
  readonly topic: string;
  readonly partition: number;
  /** Absent: where the group has come to. */
  readonly offset?: number;
  /** Only where it is asked for. */
  readonly end?: { readonly low: number; readonly high: number; readonly from: number };
}

export interface StartOptions {
  /** Whether a partition that the group has read nothing of is begun at its end. */
  readFromEnd(topic: string, partition: number): boolean;
  /** Where the partitions end now is to be asked for. */
  readonly untilEnd: boolean;
}

/**
 * A partition that the group has read nothing of yet is begun at the end that it has now, and that is committed at once: a crash must not move it.
 * @param useless asked before each further try: whether the answer is of no use any more
 */
export async function startOf(
  consumer: KafkaConsumer,
  given: TopicPartition,
  options: StartOptions,
  useless: () => boolean,
): Promise<Start> {
  const { topic, partition } = given;
  const { untilEnd } = options;
  const readFromEnd = options.readFromEnd(topic, partition);
  if (!readFromEnd && !untilEnd) return { topic, partition };
  const found = await placeOf(consumer, given, useless);
  if (found === null) return { topic, partition };
  const { committed: from, low, high } = found;
  if (from >= 0 || !readFromEnd) return untilEnd ? { topic, partition, end: { low, high, from } } : { topic, partition };
  consumer.commit([{ topic, partition, offset: high }]);
  return { topic, partition, offset: high, ...(untilEnd && { end: { low, high, from: high } }) };
}

/** Asks until it is answered: without the answer the library would begin at the first message. Null where that is of no use any more. */
async function placeOf(
  consumer: KafkaConsumer,
  given: TopicPartition,
  useless: () => boolean,
): Promise<{ readonly committed: number; readonly low: number; readonly high: number } | null> {
  for (;;) {
    const [committed, marks] = await Promise.all([committedOf(consumer, [given]), watermarksOf(consumer, given)]);
    if (marks !== null && committed !== null) return { committed: committed[0] ?? -1, low: marks.lowOffset, high: marks.highOffset };
    if (useless()) return null;
    await sleep(RETRY_MS);
  }
}

/**
 * Has what came of these partitions come again, from where the group has come to, or from the first that came where it has nothing. What was polled by
 * then is to be let go.
 * @returns where each of those begins again of which something had come.
 * @throws where it cannot be done; some of them may be moved then.
 */
export async function seekToCommitted(consumer: KafkaConsumer, partitions: readonly Partition[]): Promise<ReadonlyMap<Partition, number>> {
  // Of what nothing came, nothing has to come again; and what is not fetched yet cannot be moved.
  const read = partitions.filter(({ received }) => received >= 0);
  if (read.length === 0) return new Map();
  const committed = await committedOf(
    consumer,
    read.map(({ topic, partition }) => ({ topic, partition })),
  );
  if (committed === null) throw new Error('the offsets of the group cannot be learnt');
  const starts = new Map(read.map((partition, i) => [partition, startAgain(partition, committed[i] ?? -1)]));
  await Promise.all([...starts].map(([partition, offset]) => seek(consumer, partition, offset)));
  return starts;
}

/** @param committed -1 where the group has none. @throws where it is less than what the group was known to have. */
export function startAgain({ first, committed: known }: Pick<Partition, 'first' | 'committed'>, committed: number): number {
  if (committed < known) throw new Error(`the group had the offset ${known}, and says ${committed}`);
  return committed < 0 ? first : committed;
}

/** @throws where it cannot be read from there. */
export function seek(consumer: KafkaConsumer, { topic, partition }: Pick<Partition, 'topic' | 'partition'>, offset: number): Promise<void> {
  return new Promise((resolve, reject) => {
    consumer.seek({ topic, partition, offset }, ASK_MS, (error) => {
      if (error) reject(new Error(`${topic}/${partition} cannot be read again: ${error.message}`));
      else resolve();
    });
  });
}

/** The group's offsets, in the order of the partitions; -1 without one, null where they cannot be learnt. */
export function committedOf(consumer: KafkaConsumer, partitions: TopicPartition[]): Promise<number[] | null> {
  return new Promise((resolve) => {
    consumer.committed(partitions, ASK_MS, (error, found = []) => {
      // One that has an error stands there as an Error, without its name.
      const offsets = partitions.map(({ topic, partition }) => found.find((one) => one.topic === topic && one.partition === partition));
      if (error || offsets.some((one) => one === undefined)) resolve(null);
      else resolve(offsets.map((one) => (typeof one?.offset === 'number' && one.offset >= 0 ? one.offset : -1)));
    });
  });
}

function watermarksOf(
  consumer: KafkaConsumer,
  { topic, partition }: TopicPartition,
): Promise<{ lowOffset: number; highOffset: number } | null> {
  return new Promise((resolve) => {
    consumer.queryWatermarkOffsets(topic, partition, ASK_MS, (error, marks) => resolve(error ? null : marks));
  });
}

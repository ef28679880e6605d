import type { KafkaConsumer, TopicPartition } from 'node-rdkafka';
import type { Partition } from './partition.js';

/** One question to the brokers may take so long, in milliseconds; it holds one of Node's few threads meanwhile. */
export const ASK_MS = 5000;

interface Marks {
  readonly lowOffset: number;
  readonly highOffset: number;
}

/** Of a partition of which they are not asked for. */
const NO_MARKS: Marks = { lowOffset: -1, highOffset: -1 };

/** librdkafka's name for the first offset that there is. */
export const BEGINNING = -2;

/** Where a partition is begun, and where it ended then. */
export interface Start {
  readonly topic: string;
  readonly partition: number;
  readonly offset: number;
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
 * Where partitions are begun: where the group has come to, else at their first or last message; the last is committed at once, so that a crash does not
 * move it. Null where that cannot be learnt in time. It is not left to the library, which begins at the first message where the group's offset is in a
 * transaction that is not ended, and the assignment changes before it is.
 */
export async function startsOf(
  consumer: KafkaConsumer,
  given: readonly TopicPartition[],
  options: StartOptions,
  withinMs: number,
): Promise<readonly Start[] | null> {
  if (given.length === 0) return [];
  const [committed, marks] = await Promise.all([
    committedOf(consumer, given, withinMs),
    Promise.all(given.map((one) => (options.untilEnd || isFromEnd(one, options) ? watermarksOf(consumer, one, withinMs) : NO_MARKS))),
  ]);
  if (committed === null || marks.includes(null)) return null;
  const starts = given.map((one, i) => startAt(one, committed[i] ?? -1, marks[i] ?? NO_MARKS, options));
  const begun = starts.filter(({ offset }, i) => offset >= 0 && (committed[i] ?? -1) < 0);
  if (begun.length > 0) consumer.commit(begun.map(({ topic, partition, offset }) => ({ topic, partition, offset })));
  return starts;
}

function startAt(given: TopicPartition, committed: number, { lowOffset: low, highOffset: high }: Marks, options: StartOptions): Start {
  const { topic, partition } = given;
  const from = committed < 0 && isFromEnd(given, options) ? high : committed;
  return { topic, partition, offset: from < 0 ? BEGINNING : from, ...(options.untilEnd && { end: { low, high, from } }) };
}

function isFromEnd({ topic, partition }: TopicPartition, options: StartOptions): boolean {
  return options.readFromEnd(topic, partition);
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
  const committed = await committedOf(consumer, read);
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
export function committedOf(consumer: KafkaConsumer, asked: readonly TopicPartition[], withinMs = ASK_MS): Promise<number[] | null> {
  const partitions = asked.map(({ topic, partition }) => ({ topic, partition }));
  return new Promise((resolve) => {
    consumer.committed(partitions, withinMs, (error, found = []) => {
      // One that has an error stands there as an Error, without its name.
      const offsets = partitions.map(({ topic, partition }) => found.find((one) => one.topic === topic && one.partition === partition));
      if (error || offsets.some((one) => one === undefined)) resolve(null);
      else resolve(offsets.map((one) => (typeof one?.offset === 'number' && one.offset >= 0 ? one.offset : -1)));
    });
  });
}

function watermarksOf(consumer: KafkaConsumer, { topic, partition }: TopicPartition, withinMs: number): Promise<Marks | null> {
  return new Promise((resolve) => {
    consumer.queryWatermarkOffsets(topic, partition, withinMs, (error, marks) => resolve(error ? null : marks));
  });
}

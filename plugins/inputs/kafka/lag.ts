import type { Partition } from './partition.js';

type Measured = Pick<Partition, 'topic' | 'partition' | 'first' | 'committable'>;

/**
 * Messages from the first that is not stored to the end of each partition, together. A partition of which nothing came yet does not count.
 * @param endOf the end of a partition as the client knows it from its last fetch; null where it does not
 */
export function messagesBehind(partitions: Iterable<Measured>, endOf: (topic: string, partition: number) => number | null): number {
  let behind = 0;
  for (const { topic, partition, first, committable } of partitions) {
    const position = Math.max(first, committable);
    const end = position < 0 ? null : endOf(topic, partition);
    if (end !== null) behind += Math.max(0, end - position);
  }
  return behind;
}

import { once } from 'node:events';
import { setTimeout as sleep } from 'node:timers/promises';
import type { KafkaConsumer } from 'node-rdkafka';

/** Resolves when a broker has answered. @throws with what librdkafka says; the client is closed then. */
export function connected(consumer: KafkaConsumer, ms: number): Promise<void> {
  return new Promise((resolve, reject) => {
    consumer.connect({ timeout: ms, allTopics: false }, (error) => {
      if (error) reject(error);
      else resolve();
    });
  });
}

/** Closes the client; waits at most so long, since it may wait for brokers that are gone. No poll may be under way. */
export async function disconnected(consumer: KafkaConsumer, ms = 10_000): Promise<void> {
  if (!consumer.isConnected()) return;
  const closed = once(consumer, 'disconnected');
  consumer.disconnect();
  await Promise.race([closed, sleep(ms, undefined, { ref: false })]);
}

/** @throws where the broker knows no such topic, or shows it to nobody like us. */
export function topicIsThere(consumer: KafkaConsumer, topic: string, ms: number): Promise<void> {
  return new Promise((resolve, reject) => {
    consumer.getMetadata({ topic, allTopics: false, timeout: ms }, (error, metadata) => {
      if (error) reject(error);
      else if (metadata.topics.some(({ name, partitions }) => name === topic && partitions.length > 0)) resolve();
      else reject(new Error(`there is no topic "${topic}", or this user may not see it`));
    });
  });
}

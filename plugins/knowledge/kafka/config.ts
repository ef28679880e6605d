import { z } from 'zod';
import { MAX_TIMER_MS } from '../../../src/config/timers.js';
import { connectionKeys, connectionProblem, connectionProperties } from '../../kafka/connection.js';
import { passedThrough, type SplitProperties, split } from '../../kafka/properties.js';
import { topicName } from '../../kafka/topic-name.js';

/** What trilog sets, and the key in its place. */
const OWNED = {
  acks: 'nothing: all in-sync replicas acknowledge, always',
  'request.required.acks': 'nothing: all in-sync replicas acknowledge, always',
  'enable.idempotence': 'nothing: it is always on',
  'message.timeout.ms': 'nothing: answers are sent again for ever',
  'delivery.timeout.ms': 'nothing: answers are sent again for ever',
  'transactional.id': 'nothing: there are no transactions',
  partitioner: 'nothing: every agent must place a key alike',
  'enable.auto.commit': 'nothing: offsets are not committed',
  'enable.auto.offset.store': 'nothing: offsets are not committed',
  'enable.partition.eof': 'nothing: it is always on',
  'auto.offset.reset': 'nothing: the topic is read from its beginning',
};

/** The keys of `classify.memory.topic`. */
export const config = z
  .strictObject({
    name: topicName.describe('the topic; it is not made by trilog, and should be compacted (`cleanup.policy=compact`), with one partition'),
    ...connectionKeys,
    start_wait_ms: z
      .int()
      .min(0)
      .max(MAX_TIMER_MS)
      .default(30_000)
      .describe(
        'how long, at the start, the language model is not asked while the topic is read to its end, or cannot be reached; records do not wait',
      ),
    librdkafka: passedThrough(OWNED)
      .default({})
      .describe("further properties of librdkafka, by its own names; trilog's own cannot be given"),
  })
  .check(({ value, issues }) => {
    const problem = connectionProblem(value);
    if (problem !== null) issues.push({ code: 'custom', message: problem, input: value });
  });

export type KafkaTableKeys = z.output<typeof config>;

/** A producer finds out within this that no broker takes a message, and it waits with the table again, in milliseconds. */
const MESSAGE_TIMEOUT_MS = 10_000;

/** The producer's properties. @param resolvePath makes a path absolute. */
export function writerProperties(keys: KafkaTableKeys, resolvePath: (path: string) => string): SplitProperties {
  const own = split(keys.librdkafka);
  return {
    global: { ...own.global, ...connectionProperties(keys, resolvePath), 'enable.idempotence': true, dr_cb: true },
    topic: { ...own.topic, partitioner: 'murmur2_random', acks: -1, 'message.timeout.ms': MESSAGE_TIMEOUT_MS },
  };
}

/** The consumer's properties. @param resolvePath as above. */
export function readerProperties(keys: KafkaTableKeys, resolvePath: (path: string) => string): SplitProperties {
  const own = split(keys.librdkafka);
  return {
    global: {
      // No group is joined and nothing is committed; the library wants a name all the same.
      'group.id': 'trilog-memory',
      'queued.max.messages.kbytes': 1024,
      ...own.global,
      ...connectionProperties(keys, resolvePath),
      'enable.auto.commit': false,
      'enable.auto.offset.store': false,
      'enable.partition.eof': true,
    },
    topic: { ...own.topic, 'auto.offset.reset': 'earliest' },
  };
}

import { z } from 'zod';
import { PROFILES } from '../../../src/record/profiles/profile.js';
import { connectionFeatures, connectionKeys, connectionProblem, connectionProperties } from '../../kafka/connection.js';
import { passedThrough, type SplitProperties, split } from '../../kafka/properties.js';
import { topicName } from '../../kafka/topic-name.js';
import { HEADER_NAMES, type HeaderName } from './headers.js';

const COMPRESSIONS = ['none', 'gzip', 'snappy', 'lz4', 'zstd'] as const;

/** What trilog sets for a producer, and the key in its place. */
const OWNED = {
  acks: 'nothing: all in-sync replicas acknowledge, always',
  'request.required.acks': 'nothing: all in-sync replicas acknowledge, always',
  'enable.idempotence': 'nothing: it is always on',
  'enable.gapless.guarantee': 'nothing: trilog makes a new producer where one cannot go on',
  'message.timeout.ms': 'nothing: messages wait for ever',
  'delivery.timeout.ms': 'nothing: messages wait for ever',
  'message.send.max.retries': 'nothing: messages are sent again for ever',
  retries: 'nothing: messages are sent again for ever',
  'transactional.id': '`delivery: exactly_once`, and `instance_id` of the input',
  'transaction.timeout.ms': '`transaction_timeout_ms`',
  'queuing.strategy': 'nothing: messages keep their order',
  'delivery.report.only.error': 'nothing: what fails is reported',
  'message.max.bytes': '`max_message_bytes`',
  'compression.codec': '`compression`',
  'compression.type': '`compression`',
  'linger.ms': '`linger_ms`',
  'queue.buffering.max.ms': '`linger_ms`',
};

export const kafkaOutputConfig = z
  .strictObject({
    ...connectionKeys,
    topic: topicName.describe('topic of records that no line of `topics` takes'),
    topics: z
      .array(
        z.strictObject({
          labels: z.array(z.string().min(1)).min(1).describe('globs on labels, such as `*.failure`; `unclassified` is one too'),
          topic: topicName,
        }),
      )
      .default([])
      .describe('further topics by label, as `labels` (globs) and `topic`: the first that matches takes the record'),
    key: z
      .string()
      .regex(/^(none|template|host|service|request_id|field:.{1,200})$/, 'none, template, host, service, request_id, or field:NAME')
      .default('none')
      .describe(
        'key of the messages, so that equal ones stay in order in one partition: `none`, `template`, `host`, `service`, `request_id`, or `field:NAME` of what the line carried (`field:a.b` for one within another)',
      ),
    profile: z.enum(PROFILES).default('ecs').describe('form of the messages: `ecs`, `otel`, or `kolla` as kolla-ansible names things'),
    headers: z
      .union([z.boolean(), z.array(z.enum(HEADER_NAMES)).min(1)])
      .default(['label'])
      .describe(
        'which headers messages have, to filter without parsing: of `label`, `stage`, `level` and `id`, each with `trilog-` before it; `true` for all, `false` for none',
      ),
    compression: z
      .enum(COMPRESSIONS)
      .default('lz4')
      .describe(`one of ${COMPRESSIONS.join(', ')}`),
    linger_ms: z.int().min(0).max(900_000).default(5).describe('how long a message waits for others to go with it'),
    max_message_bytes: z
      .int()
      .min(1000)
      .max(900_000_000)
      .default(1_000_000)
      .describe('a longer message is not sent as it is; brokers take 1048588 with all that is around it by default'),
    too_long: z
      .enum(['dead_letter', 'cut'])
      .default('dead_letter')
      .describe('what becomes of a longer one: a dead letter, or its text is cut and marked as `truncated`'),
    delivery: z
      .enum(['at_least_once', 'exactly_once'])
      .default('at_least_once')
      .describe(
        '`exactly_once`: records go in transactions together with the offsets of what they were read from; wants one input `kafka` and no other output',
      ),
    transaction_ms: z
      .int()
      .min(10)
      .max(60_000)
      .default(200)
      .describe('with `exactly_once`: how long a transaction takes in more before it is committed; consumers see its records only then'),
    transaction_timeout_ms: z
      .int()
      .min(1000)
      .max(900_000)
      .default(30_000)
      .describe(
        'with `exactly_once`: the brokers abort what is open for so long, as after a crash; until then consumers wait. Keep it below `session_timeout_ms` of the input',
      ),
    librdkafka: passedThrough(OWNED)
      .default({})
      .describe("further properties of librdkafka, by its own names; trilog's own cannot be given"),
  })
  .check(({ value, issues }) => {
    const problem = connectionProblem(value) ?? transactionProblem(value);
    if (problem !== null) issues.push({ code: 'custom', message: problem, input: value });
  });

function transactionProblem(keys: { readonly transaction_ms: number; readonly transaction_timeout_ms: number }): string | null {
  if (2 * keys.transaction_ms <= keys.transaction_timeout_ms) return null;
  return 'transaction_timeout_ms must be at least twice transaction_ms: else the brokers abort what is only being filled';
}

export type KafkaOutputKeys = z.output<typeof kafkaOutputConfig>;

/** Room for a key, headers and what the protocol puts around a message, in bytes. */
const AROUND = 40_960;

/**
 * The producer's properties. @param resolvePath makes a path absolute.
 */
export function producerProperties(keys: KafkaOutputKeys, resolvePath: (path: string) => string): SplitProperties {
  const own = split(keys.librdkafka);
  return {
    global: {
      // The whole log may be in flight at once; 1 GB by default.
      'queue.buffering.max.kbytes': 131_072,
      ...own.global,
      ...connectionProperties(keys, resolvePath),
      'enable.idempotence': true,
      'compression.codec': keys.compression,
      'linger.ms': keys.linger_ms,
      'message.max.bytes': keys.max_message_bytes + AROUND,
      'delivery.report.only.error': true,
      // With the message, by which it is known again.
      dr_msg_cb: true,
    },
    topic: {
      // As Kafka's own producer places keys.
      partitioner: 'murmur2_random',
      ...own.topic,
      acks: -1,
      'message.timeout.ms': 0,
    },
  };
}

/** The properties of a producer with this `transactional.id`. Messages that are not stored before their transaction has to end fail with it. */
export function transactionalProperties(keys: KafkaOutputKeys, resolvePath: (path: string) => string, id: string): SplitProperties {
  const { global, topic } = producerProperties(keys, resolvePath);
  const { 'message.timeout.ms': _, ...ofTopic } = topic;
  return {
    global: { ...global, 'transactional.id': id, 'transaction.timeout.ms': keys.transaction_timeout_ms },
    topic: ofTopic,
  };
}

/** The parts of librdkafka that the keys need. */
export function producerFeatures(keys: KafkaOutputKeys): readonly string[] {
  return [...connectionFeatures(keys), ...(keys.compression === 'none' ? [] : [keys.compression])];
}

/** Which headers messages have. */
export function headersOf({ headers }: Pick<KafkaOutputKeys, 'headers'>): readonly HeaderName[] {
  if (typeof headers === 'boolean') return headers ? HEADER_NAMES : [];
  return headers;
}

/** Every topic that may be written to. */
export function topicsOf({ topic, topics }: Pick<KafkaOutputKeys, 'topic' | 'topics'>): readonly string[] {
  return [...new Set([topic, ...topics.map((other) => other.topic)])];
}

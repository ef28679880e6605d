import { resolve } from 'node:path';
import type { OutputPlugin } from '../../../src/plugin/contract.js';
import { documentWriter } from '../../../src/record/profiles/profile.js';
import { exactlyOnceProblem } from '../../kafka/exactly-once.js';
import { kafkaLibrary } from '../../kafka/library.js';
import { BatchWriter } from './batch-writer.js';
import {
  headersOf,
  type KafkaOutputKeys,
  kafkaOutputConfig,
  producerFeatures,
  producerProperties,
  topicsOf,
  transactionalProperties,
} from './config.js';
import { KafkaOutput } from './kafka-output.js';
import { keyOf, topicByLabel } from './placement.js';
import { shortened } from './shorten.js';
import { TransactionalOutput } from './transactional-output.js';

/** Room for what a block of the file input becomes, to begin with. */
const CAPACITY = 1_048_576;

export const plugin: OutputPlugin<KafkaOutputKeys> = {
  kind: 'output',
  type: 'kafka',
  summary: 'Sends a message for each record to Kafka, acknowledged by all in-sync replicas.',
  config: kafkaOutputConfig,
  problem: ({ delivery, brokers }, company) => (delivery === 'exactly_once' ? exactlyOnceProblem(brokers, company) : null),
  create: (keys, context) => {
    const maxBytes = keys.max_message_bytes;
    const writer = new BatchWriter({
      documents: documentWriter(keys.profile, CAPACITY, { tame: false }),
      topicOf: topicByLabel(keys),
      keyOf: keys.key === 'none' ? null : keyOf(keys.key),
      headers: headersOf(keys),
      maxBytes,
      shorten: keys.too_long === 'cut' ? (record, lengthOf) => shortened(record, maxBytes, lengthOf) : () => null,
      complete: keys.profile === 'ecs',
      cut: () => context.count('messages_cut'),
      now: Date.now,
    });
    const resolvePath = (path: string): string => resolve(context.configDir, path);
    const parts = {
      library: () => kafkaLibrary(producerFeatures(keys)),
      properties: producerProperties(keys, resolvePath),
      topics: topicsOf(keys),
      writer,
    };
    if (keys.delivery === 'at_least_once') return new KafkaOutput(parts, context);
    const times = { everyMs: keys.transaction_ms, withinMs: keys.transaction_timeout_ms };
    return new TransactionalOutput({ ...parts, times, transactional: (id) => transactionalProperties(keys, resolvePath, id) }, context);
  },
};

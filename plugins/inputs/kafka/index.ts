import type { InputPlugin } from '../../../src/plugin/contract.js';
import { config, type KafkaInputConfig } from './config.js';
import { KafkaInput } from './kafka-input.js';

export const plugin: InputPlugin<KafkaInputConfig> = {
  kind: 'input',
  type: 'kafka',
  summary: 'Reads Kafka topics as a member of a consumer group.',
  config,
  create: (parsed, context) => new KafkaInput(parsed, context),
};

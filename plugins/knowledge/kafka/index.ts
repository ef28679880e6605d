import type { TablePlugin } from '../../../src/plugin/shared-table.js';
import { config, type KafkaTableKeys } from './config.js';
import { KafkaTable } from './kafka-table.js';

/** Agents share a table in a compacted topic. */
export const plugin: TablePlugin<KafkaTableKeys> = {
  config,
  create: (keys, context) => new KafkaTable(keys, context),
};

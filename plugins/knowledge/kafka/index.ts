import type { TablePlugin } from '../../../src/plugin/shared-table.js';
import { config, type KafkaTableKeys } from './config.js';

/** Agents share a table in a compacted topic. */
export const plugin: TablePlugin<KafkaTableKeys> = {
  config,
  create: async (keys, context) => {
    const { KafkaTable } = await import('./kafka-table.js');
    return new KafkaTable(keys, context);
  },
};

import { resolve } from 'node:path';
import type { OutputPlugin } from '../../../src/plugin/contract.js';
import { documentWriter } from '../../../src/record/profiles/profile.js';
import { BulkWriter } from './bulk-writer.js';
import type { Engine } from './client.js';
import { connectionOf, type SearchOutputKeys, searchOutputConfig, targetOf } from './config.js';
import { connect } from './connect.js';
import { SearchOutput } from './search-output.js';

/** Room for what a block of the file input becomes, to begin with. */
const CAPACITY = 1_048_576;

function pluginOf(engine: Engine, summary: string): OutputPlugin<SearchOutputKeys> {
  return {
    kind: 'output',
    type: engine,
    summary,
    config: searchOutputConfig,
    create: (keys, context) => {
      const connection = connectionOf(keys, (path) => resolve(context.configDir, path));
      const target = targetOf(keys);
      const writer = new BulkWriter(documentWriter(keys.profile, CAPACITY, { tame: true }), target, keys.profile === 'ecs');
      return new SearchOutput(keys, { engine, target, writer, connect: () => connect(connection, engine) }, context);
    },
  };
}

export const elasticsearch = pluginOf(
  'elasticsearch',
  'Creates a document for each record in a data stream or dated index of Elasticsearch, once, however often it is sent.',
);

export const opensearch = pluginOf(
  'opensearch',
  'Creates a document for each record in a data stream or dated index of OpenSearch, once, however often it is sent.',
);

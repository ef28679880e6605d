import type { Engine } from '../../../plugins/outputs/search/client.js';
import { indexSettings } from '../../../plugins/outputs/search/mappings.js';

/** Mappings with the types of field that the server of these tests has: Elasticsearch's module for `match_only_text` is in no registry. */
export function known(engine: Engine, mappings: object): object {
  return engine === 'elasticsearch' ? JSON.parse(JSON.stringify(mappings).replaceAll('match_only_text', 'text')) : mappings;
}

/** An index template with trilog's settings, of a data stream or of indices that match the pattern. */
export function templateOf(engine: Engine, pattern: string, mappings: object, kind: 'data stream' | 'index'): object {
  return {
    index_patterns: [pattern],
    priority: 500,
    ...(kind === 'data stream' && { data_stream: {} }),
    template: { settings: { ...indexSettings(engine), number_of_replicas: 0 }, mappings: known(engine, mappings) },
  };
}

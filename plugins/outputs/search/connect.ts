import { readFile } from 'node:fs/promises';
import { authorityWith } from './authority.js';
import type { Engine, SearchClient } from './client.js';
import type { Connection } from './config.js';

/**
 * A client for the nodes. The library, which takes a while to load, is loaded only here.
 * @throws where the file of authorities cannot be read, or no node shows the authority of the fingerprint.
 */
export async function connect(connection: Connection, engine: Engine): Promise<SearchClient> {
  const ca = await authorities(connection);
  if (engine === 'elasticsearch') return new (await import('./clients/elasticsearch.js')).ElasticsearchClient(connection, ca);
  return new (await import('./clients/opensearch.js')).OpensearchClient(connection, ca);
}

async function authorities({ caFile, caFingerprint, nodes, timeoutMs }: Connection): Promise<string | null> {
  if (caFile !== null) return await readFile(caFile, 'utf8');
  return caFingerprint === null ? null : await authorityWith(caFingerprint, nodes, timeoutMs);
}

import { readFile } from 'node:fs/promises';
import { authorityWith } from './authority.js';
import type { Engine, SearchClient } from './client.js';
import type { Connection } from './config.js';
import { NotReady } from './readiness.js';

/**
 * A client for the nodes. The library, which takes a while to load, is loaded only here.
 * @throws NotReady where the file of authorities cannot be read, or the nodes show no authority with the fingerprint; an error of the connection where
 * none could be asked.
 */
export async function connect(connection: Connection, engine: Engine): Promise<SearchClient> {
  const ca = await authorities(connection);
  if (engine === 'elasticsearch') return new (await import('./clients/elasticsearch.js')).ElasticsearchClient(connection, ca);
  return new (await import('./clients/opensearch.js')).OpensearchClient(connection, ca);
}

async function authorities({ caFile, caFingerprint, nodes, timeoutMs }: Connection): Promise<string | null> {
  if (caFile !== null) {
    return await readFile(caFile, 'utf8').catch((cause: Error) => {
      throw new NotReady(`ca_file: ${cause.message}`, { cause });
    });
  }
  return caFingerprint === null ? null : await authorityWith(caFingerprint, nodes, timeoutMs);
}

import { Client } from '@opensearch-project/opensearch';
import type { SearchClient, SearchRequest, SearchResponse } from '../client.js';
import type { Connection } from '../config.js';
import { JSON_FORM } from './body.js';
import { bounded } from './bounded.js';

/** OpenSearch by its official client, which spreads requests over the nodes and leaves out those that are down. */
export class OpensearchClient implements SearchClient {
  readonly #client: Client;

  /** `ca`: PEM of the authorities to trust; null for the usual ones. */
  constructor(
    readonly connection: Connection,
    ca: string | null,
  ) {
    const { nodes, headers, timeoutMs } = connection;
    const ssl = ca === null ? {} : { ssl: { ca } };
    // Who sends again, and what of it, is decided by the output.
    this.#client = new Client({ nodes: [...nodes], headers: { ...headers }, requestTimeout: timeoutMs, maxRetries: 0, ...ssl });
  }

  async request({ method, path, query, body, headers, signal }: SearchRequest): Promise<SearchResponse> {
    const wanted = { method, path, querystring: { ...query }, ...(body === undefined ? {} : { body }) };
    return await bounded(this.connection, signal, async (ending) => {
      const asked = this.#client.transport.request(wanted, { asStream: true, headers: { ...JSON_FORM, ...headers } });
      // Only until the answer begins: later the stream is ended, since the client writes to standard output what happens to a request after its answer.
      const stop = (): void => void asked.abort();
      ending.addEventListener('abort', stop, { once: true });
      try {
        const { statusCode, headers: answered, body: stream, meta } = await asked;
        const alive = (): void => void this.#client.connectionPool.markAlive(meta.connection);
        return { status: statusCode ?? 0, headers: answered ?? {}, body: stream, alive };
      } finally {
        ending.removeEventListener('abort', stop);
      }
    });
  }

  async close(): Promise<void> {
    await this.#client.close();
  }
}

import type { Readable } from 'node:stream';
import { Client, errors } from '@elastic/elasticsearch';
import type { SearchClient, SearchRequest, SearchResponse } from '../client.js';
import type { Connection } from '../config.js';
import { JSON_FORM } from './body.js';
import { bounded } from './bounded.js';

/** Elasticsearch by its official client, which spreads requests over the nodes and leaves out those that are down. */
export class ElasticsearchClient implements SearchClient {
  readonly #client: Client;

  /** `ca`: PEM of the authorities to trust; null for the usual ones. */
  constructor(
    readonly connection: Connection,
    ca: string | null,
  ) {
    this.#client = new Client({
      nodes: [...connection.nodes],
      ...(ca === null ? {} : { tls: { ca } }),
      headers: { ...connection.headers },
      requestTimeout: connection.timeoutMs,
      // Who sends again, and what of it, is decided by the output.
      maxRetries: 0,
      enableMetaHeader: false,
    });
  }

  async request({ method, path, query, body, headers, signal }: SearchRequest): Promise<SearchResponse> {
    const asked = { method, path, querystring: { ...query }, ...(body === undefined ? {} : { body }) };
    return await bounded(this.connection, signal, async (ending) => {
      const options = { asStream: true, meta: true, signal: ending, headers: { ...JSON_FORM, ...headers } } as const;
      const answer = await this.#client.transport.request<Readable>(asked, options).catch((error: unknown) => {
        if (!(error instanceof errors.ProductNotSupportedError)) throw error;
        throw new Error('the server is not Elasticsearch; for OpenSearch write `type: opensearch`', { cause: error });
      });
      const { connection } = answer.meta;
      const alive = (): void => {
        if (connection !== null) this.#client.connectionPool.markAlive(connection);
      };
      return { status: answer.statusCode ?? 0, headers: answer.headers, body: answer.body, alive };
    });
  }

  async close(): Promise<void> {
    await this.#client.close();
  }
}

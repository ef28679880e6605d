import { Client, errors } from '@elastic/elasticsearch';
import type { SearchClient, SearchRequest, SearchResponse } from '../client.js';
import type { Connection } from '../config.js';
import { JSON_FORM, retryAfterMs, textOf } from './body.js';

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
    const late = AbortSignal.timeout(this.connection.timeoutMs);
    const ending = signal === undefined ? late : AbortSignal.any([signal, late]);
    try {
      const answer = await this.#client.transport.request(
        { method, path, querystring: { ...query }, ...(body === undefined ? {} : { body }) },
        { asStream: true, meta: true, signal: ending, headers: { ...JSON_FORM, ...headers } },
      );
      const { statusCode, headers: answered, meta } = answer;
      const text = await textOf(answer.body as unknown as Parameters<typeof textOf>[0], answered, this.connection.maxResponseBytes, ending);
      // The client does this only for answers that it reads itself.
      if (meta.connection !== null) this.#client.connectionPool.markAlive(meta.connection);
      return { status: statusCode ?? 0, body: text, retryAfterMs: retryAfterMs(answered['retry-after'], Date.now()) };
    } catch (error) {
      if (signal?.aborted === true) throw signal.reason;
      if (late.aborted) throw new Error(`no complete answer within ${this.connection.timeoutMs} ms`, { cause: error });
      if (error instanceof errors.ProductNotSupportedError)
        throw new Error('the server is not Elasticsearch; for OpenSearch write `type: opensearch`', { cause: error });
      throw error;
    }
  }

  async close(): Promise<void> {
    await this.#client.close();
  }
}

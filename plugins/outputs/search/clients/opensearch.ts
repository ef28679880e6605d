import { Client } from '@opensearch-project/opensearch';
import type { SearchClient, SearchRequest, SearchResponse } from '../client.js';
import type { Connection } from '../config.js';
import { JSON_FORM, retryAfterMs, textOf } from './body.js';

/** OpenSearch by its official client, which spreads requests over the nodes and leaves out those that are down. */
export class OpensearchClient implements SearchClient {
  readonly #client: Client;

  /** `ca`: PEM of the authorities to trust; null for the usual ones. */
  constructor(
    readonly connection: Connection,
    ca: string | null,
  ) {
    this.#client = new Client({
      nodes: [...connection.nodes],
      ...(ca === null ? {} : { ssl: { ca } }),
      headers: { ...connection.headers },
      requestTimeout: connection.timeoutMs,
      // Who sends again, and what of it, is decided by the output.
      maxRetries: 0,
    });
  }

  async request({ method, path, query, body, headers, signal }: SearchRequest): Promise<SearchResponse> {
    const late = AbortSignal.timeout(this.connection.timeoutMs);
    const ending = signal === undefined ? late : AbortSignal.any([signal, late]);
    ending.throwIfAborted();
    const asked = this.#client.transport.request(
      { method, path, querystring: { ...query }, ...(body === undefined ? {} : { body }) },
      { asStream: true, headers: { ...JSON_FORM, ...headers } },
    );
    const stop = (): void => void asked.abort();
    ending.addEventListener('abort', stop, { once: true });
    try {
      const { statusCode, headers: answered, body: stream, meta } = await asked;
      // From here on the stream is ended, not the request: the client writes to standard output what happens to a request after its answer.
      ending.removeEventListener('abort', stop);
      const text = await textOf(stream, answered ?? {}, this.connection.maxResponseBytes, ending);
      // The client does this only for answers that it reads itself.
      this.#client.connectionPool.markAlive(meta.connection);
      return { status: statusCode ?? 0, body: text, retryAfterMs: retryAfterMs(answered?.['retry-after'], Date.now()) };
    } catch (error) {
      if (signal?.aborted === true) throw signal.reason;
      if (late.aborted) throw new Error(`no complete answer within ${this.connection.timeoutMs} ms`, { cause: error });
      throw error;
    } finally {
      ending.removeEventListener('abort', stop);
    }
  }

  async close(): Promise<void> {
    await this.#client.close();
  }
}

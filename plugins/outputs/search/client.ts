/** What is asked of a search server. */
export interface SearchRequest {
  readonly method: 'GET' | 'POST' | 'PUT' | 'DELETE' | 'HEAD';
  /** With a slash before it, such as `/_bulk`; its parts are already encoded. */
  readonly path: string;
  readonly query?: Readonly<Record<string, string>>;
  /** JSON, or NDJSON for a bulk. */
  readonly body?: string | Buffer;
  /** What says the form of the body, where it is not plain JSON. */
  readonly headers?: Readonly<Record<string, string>>;
  readonly signal?: AbortSignal;
}

/** What a search server said, whatever its status. */
export interface SearchResponse {
  readonly status: number;
  /** The text, at most `max_response_bytes` long. */
  readonly body: string;
  /** What `Retry-After` asked for, in milliseconds; null without. */
  readonly retryAfterMs: number | null;
}

/** A connection to the nodes of one search server: Elasticsearch's client or OpenSearch's behind one face. */
export interface SearchClient {
  /** Resolves with any answer of HTTP. @throws where there is none: no connection, time is up, the answer is too long or cut off. */
  request(request: SearchRequest): Promise<SearchResponse>;
  close(): Promise<void>;
}

/** The two kinds of server, by the word in `type:`. */
export type Engine = 'elasticsearch' | 'opensearch';

export { PROFILES, type ProfileName } from '../../../src/record/profiles/profile.js';

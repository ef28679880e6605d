import { readFileSync } from 'node:fs';
import { Agent, type Dispatcher, ProxyAgent, type RequestInit, type Response, fetch as undiciFetch } from 'undici';
import { version } from '../../version.js';

/** An answer that is none; `reason` is one word to count by. */
export class EndpointError extends Error {
  override readonly name = 'EndpointError';
  constructor(
    readonly reason: 'timeout' | 'too_large' | 'redirect',
    message: string,
  ) {
    super(message);
  }
}

export interface FetchOptions {
  /** PEM file of authorities; null for the usual ones. */
  readonly caFile: string | null;
  readonly proxy: string | undefined;
  /** From the first byte sent to the last one received. */
  readonly timeoutMs: number;
  /** Of the body, after decompression. */
  readonly maxBytes: number;
}

/**
 * A `fetch` that a server can neither keep waiting nor fill up: the whole answer is read within a time and a size, and no redirect is followed, since it
 * would take what we send to somewhere that nobody configured.
 */
export class BoundedFetch {
  readonly #dispatcher: Dispatcher;

  /** @throws where the file of authorities cannot be read. */
  constructor(readonly options: FetchOptions) {
    const { caFile, proxy } = options;
    const tls = caFile === null ? {} : { ca: readFileSync(caFile, 'utf8') };
    this.#dispatcher = proxy === undefined ? new Agent({ connect: tls }) : new ProxyAgent({ uri: proxy, requestTls: tls, proxyTls: tls });
  }

  /** @throws EndpointError, or what undici throws where there is no connection. */
  async fetch(url: string | URL, init: RequestInit = {}): Promise<globalThis.Response> {
    const { timeoutMs, maxBytes } = this.options;
    const late = AbortSignal.timeout(timeoutMs);
    const signal = init.signal == null ? late : AbortSignal.any([init.signal, late]);
    const { dispatcher: _, ...rest } = init;
    try {
      const response = await undiciFetch(url, {
        ...rest,
        headers: ownHeaders(init.headers),
        signal,
        redirect: 'manual',
        dispatcher: this.#dispatcher,
      });
      if (response.status >= 300 && response.status < 400) {
        await response.body?.cancel();
        throw new EndpointError(
          'redirect',
          `the endpoint answers with a redirect (${response.status}); give its final address as base_url`,
        );
      }
      const body = await bytesOf(response, maxBytes);
      const { status, statusText } = response;
      const headers = [...response.headers].filter(([name]) => name !== 'content-encoding' && name !== 'content-length');
      return new globalThis.Response(status === 204 ? null : body, { status, statusText, headers });
    } catch (error) {
      if (late.aborted && init.signal?.aborted !== true) throw new EndpointError('timeout', `no complete answer within ${timeoutMs} ms`);
      throw error;
    }
  }

  /** Ends all connections. */
  async close(): Promise<void> {
    await this.#dispatcher.destroy();
  }
}

const USER_AGENT = `trilog/${version()}`;

/** The client library tells servers what it runs on; that is nobody's business. */
function ownHeaders(given: RequestInit['headers']): Record<string, string> {
  const entries = [...new Headers(given as ConstructorParameters<typeof Headers>[0])].filter(([name]) => !name.startsWith('x-stainless-'));
  return { ...Object.fromEntries(entries), 'user-agent': USER_AGENT };
}

async function bytesOf({ body }: Response, maxBytes: number): Promise<Buffer> {
  const chunks: Uint8Array[] = [];
  let size = 0;
  if (body === null) return Buffer.alloc(0);
  for await (const chunk of body) {
    size += chunk.byteLength;
    if (size > maxBytes) throw new EndpointError('too_large', `the answer has more than ${maxBytes} bytes`);
    chunks.push(chunk);
  }
  return Buffer.concat(chunks);
}

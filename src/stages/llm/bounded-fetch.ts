import { readFileSync } from 'node:fs';
import { Agent, type Dispatcher, ProxyAgent, type RequestInit, type Response, fetch as undiciFetch } from 'undici';
import { version } from '../../version.js';
import { connectionError, EndpointError } from './endpoint-error.js';

export interface FetchOptions {
  /** PEM file of authorities; null for the usual ones. */
  readonly caFile: string | null;
  readonly proxy: string | undefined;
  /** All that is sent besides what says the form of the body. */
  readonly headers: Readonly<Record<string, string>>;
  /** From the first byte sent to the last one received. */
  readonly timeoutMs: number;
  /** Of the body, after decompression. */
  readonly maxBytes: number;
}

const USER_AGENT = `trilog/${version()}`;
/** Ours ends a request; undici's own would come between. */
const NO_TIMEOUTS = { headersTimeout: 0, bodyTimeout: 0 };

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
    this.#dispatcher =
      proxy === undefined
        ? new Agent({ ...NO_TIMEOUTS, connect: tls })
        : new ProxyAgent({ ...NO_TIMEOUTS, uri: proxy, requestTls: tls, proxyTls: tls });
  }

  /** @throws EndpointError, or the reason of a signal that was given. */
  async fetch(url: string | URL, init: RequestInit = {}): Promise<globalThis.Response> {
    const { timeoutMs, maxBytes } = this.options;
    const late = AbortSignal.timeout(timeoutMs);
    const signal = init.signal == null ? late : AbortSignal.any([init.signal, late]);
    const { dispatcher: _, ...rest } = init;
    try {
      const headers = this.#headers(init.headers);
      const response = await undiciFetch(url, { ...rest, headers, signal, redirect: 'manual', dispatcher: this.#dispatcher });
      if (response.status >= 300 && response.status < 400) {
        await response.body?.cancel();
        throw new EndpointError(
          'redirect',
          `the endpoint answers with a redirect (${response.status}); give its final address as base_url`,
        );
      }
      const body = await bytesOf(response, maxBytes);
      const { status, statusText } = response;
      const answered = [...response.headers].filter(([name]) => name !== 'content-encoding' && name !== 'content-length');
      return new globalThis.Response(status === 204 ? null : body, { status, statusText, headers: answered });
    } catch (error) {
      if (error instanceof EndpointError) throw error;
      if (init.signal?.aborted === true) throw error;
      if (late.aborted) throw new EndpointError('timeout', `no complete answer within ${timeoutMs} ms`);
      throw connectionError(error);
    }
  }

  /** Ends all connections. */
  async close(): Promise<void> {
    await this.#dispatcher.destroy();
  }

  /** The client library tells servers what it runs on, and sends what the environment holds for it: of its headers only those about the body stay. */
  #headers(given: RequestInit['headers']): Record<string, string> {
    const theirs = new Headers(given as ConstructorParameters<typeof Headers>[0]);
    const form = ['accept', 'content-type'].flatMap((name) => {
      const value = theirs.get(name);
      return value === null ? [] : [[name, value] as const];
    });
    const own = Object.entries(this.options.headers).map(([name, value]) => [name.toLowerCase(), value] as const);
    return Object.fromEntries([...form, ['user-agent', USER_AGENT], ...own]);
  }
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

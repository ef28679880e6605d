import type { Readable } from 'node:stream';
import type { SearchRequest, SearchResponse } from '../client.js';
import type { Connection } from '../config.js';
import { type AnswerHeaders, retryAfterMs, textOf } from './body.js';

/** An answer whose body has not been read. */
export interface Begun {
  readonly status: number;
  readonly headers: AnswerHeaders;
  readonly body: Readable;
  /** Tells the client that the node is well: it does that itself only for answers that it reads. */
  readonly alive: () => void;
}

/** Reads the answer to a request within the connection's time and size. @throws where there is none, with the signal's reason where that ended it. */
export async function bounded(
  { timeoutMs, maxResponseBytes }: Connection,
  signal: SearchRequest['signal'],
  begin: (ending: AbortSignal) => Promise<Begun>,
): Promise<SearchResponse> {
  const late = AbortSignal.timeout(timeoutMs);
  const ending = signal === undefined ? late : AbortSignal.any([signal, late]);
  try {
    ending.throwIfAborted();
    const { status, headers, body, alive } = await begin(ending);
    const text = await textOf(body, headers, maxResponseBytes, ending);
    alive();
    return { status, body: text, retryAfterMs: retryAfterMs(headers['retry-after'], Date.now()) };
  } catch (error) {
    if (signal?.aborted === true) throw signal.reason;
    if (late.aborted) throw new Error(`no complete answer within ${timeoutMs} ms`, { cause: error });
    throw error;
  }
}

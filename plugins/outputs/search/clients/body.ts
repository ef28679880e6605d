import type { Readable } from 'node:stream';

/** The form of what is asked and answered, where nothing else is said. Servers of any version take it; the clients' own names their version. */
export const JSON_FORM = { accept: 'application/json', 'content-type': 'application/json' };

export type AnswerHeaders = Readonly<Record<string, string | string[] | undefined>>;

/**
 * The whole answer as text. Its size and time are the other side's to choose, so both are bounded: the stream is destroyed when there is more, or
 * when the signal aborts. @throws then, and where the answer is cut off or packed.
 */
export async function textOf(stream: Readable, headers: AnswerHeaders, maxBytes: number, signal: AbortSignal): Promise<string> {
  // Without an error: that would reach the request, of which OpenSearch's client then writes to standard output.
  const stop = (): void => void stream.destroy();
  // What is destroyed without anybody reading tells its error to nobody.
  stream.on('error', () => {});
  signal.addEventListener('abort', stop, { once: true });
  try {
    signal.throwIfAborted();
    const encoding = headers['content-encoding'];
    // Nobody asked for it, and what it unpacks to would need a bound of its own.
    if (encoding !== undefined && encoding !== 'identity') throw new Error(`the answer is packed (${String(encoding)}), unasked`);
    const chunks: Buffer[] = [];
    let size = 0;
    for await (const chunk of stream as AsyncIterable<Buffer>) {
      size += chunk.length;
      if (size > maxBytes) throw new AnswerTooLong(maxBytes);
      chunks.push(chunk);
    }
    return Buffer.concat(chunks).toString();
  } finally {
    signal.removeEventListener('abort', stop);
    stream.destroy();
  }
}

/** The server says more than is read: with fewer documents in a request it has less to say. */
export class AnswerTooLong extends Error {
  override readonly name = 'AnswerTooLong';
  constructor(maxBytes: number) {
    super(`the answer has more than max_response_bytes (${maxBytes})`);
  }
}

/** What `Retry-After` asks for (RFC 9110, 10.2.3), in milliseconds from now; null where there is none that makes sense. */
export function retryAfterMs(value: string | string[] | undefined, now: number): number | null {
  if (typeof value !== 'string' || value === '') return null;
  const wait = /^\d{1,9}$/.test(value) ? Number(value) * 1000 : Date.parse(value) - now;
  return Number.isNaN(wait) ? null : Math.max(0, wait);
}

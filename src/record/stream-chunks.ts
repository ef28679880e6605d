import type { Readable } from 'node:stream';

const EVENTS = ['readable', 'end', 'error', 'close'] as const;

/**
 * What a stream of bytes gives, until it ends in whatever way (then `stream.errored` says whether it broke) or the signal aborts. Then what was taken in
 * already still comes. Nothing is taken in that is not asked for, but what the stream itself has room for; the stream is not destroyed.
 */
export async function* chunksOf(stream: Readable, signal: AbortSignal): AsyncGenerator<Buffer> {
  // Without a listener an error would end the process, at any time.
  stream.on('error', () => {});
  for (;;) {
    const chunk: unknown = stream.read();
    if (Buffer.isBuffer(chunk)) yield chunk;
    else if (signal.aborted || stream.readableEnded || stream.destroyed) return;
    else await moved(stream, signal);
  }
}

/** Resolves when there is something to read, or the stream has ended, or the signal aborts. */
async function moved(stream: Readable, signal: AbortSignal): Promise<void> {
  await new Promise<void>((resolve) => {
    const done = (): void => {
      for (const event of EVENTS) stream.off(event, done);
      signal.removeEventListener('abort', done);
      resolve();
    };
    for (const event of EVENTS) stream.on(event, done);
    signal.addEventListener('abort', done);
    if (signal.aborted) done();
  });
}

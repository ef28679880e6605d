import type { Readable } from 'node:stream';

const EVENTS = ['readable', 'end', 'error', 'close'] as const;

/** Resolves when a stream has something to read, or has ended in whatever way, or the signal aborts. Nothing is read before. */
export async function moved(stream: Readable, signal: AbortSignal): Promise<void> {
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

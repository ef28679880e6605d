import { setTimeout as sleep } from 'node:timers/promises';

/** Resolves when the promise does, at the latest after so many milliseconds. Rejects as it does. */
export async function within(promise: Promise<unknown>, ms: number): Promise<void> {
  const over = new AbortController();
  const late = sleep(ms, undefined, { signal: over.signal }).catch(() => {});
  try {
    await Promise.race([promise, late]);
  } finally {
    over.abort();
  }
}

import { setTimeout as pause } from 'node:timers/promises';
import pRetry from 'p-retry';
import { TryLater } from '../plugin/contract.js';

/** No longer pause is taken from the other side, which may lie, in milliseconds. */
const LONGEST_ASKED_MS = 300_000;

export interface RetryOptions {
  /** Longest pause between two tries, in milliseconds. */
  readonly maxPauseMs?: number;
  /** Pause after the first failure, in milliseconds. */
  readonly firstPauseMs?: number;
  readonly signal: AbortSignal;
  /** Told of every failure. */
  readonly failed: (error: Error, attempt: number) => void;
}

/** Tries for ever, with pauses that double and vary by chance, until it works or the signal aborts: then it rejects with the signal's reason. */
export async function untilItWorks<Result>(action: () => Promise<Result>, options: RetryOptions): Promise<Result> {
  return await pRetry(
    async () => {
      try {
        return await action();
      } catch (error) {
        // Whatever is thrown can heal: p-retry itself would give up on a TypeError.
        throw new Error(error instanceof Error ? error.message : String(error), { cause: error });
      }
    },
    {
      retries: Number.POSITIVE_INFINITY,
      factor: 2,
      minTimeout: options.firstPauseMs ?? 500,
      maxTimeout: options.maxPauseMs ?? 30_000,
      randomize: true,
      signal: options.signal,
      onFailedAttempt: async ({ error, attemptNumber }) => {
        options.failed(error, attemptNumber);
        const { cause } = error;
        // Comes before the pause of its own.
        if (cause instanceof TryLater) await pause(Math.min(cause.afterMs, LONGEST_ASKED_MS), undefined, { signal: options.signal });
      },
    },
  );
}

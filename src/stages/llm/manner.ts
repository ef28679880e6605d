import type { LlmConfig } from './config.js';

/** How the stage behaves for whoever runs it. */
export interface Manner {
  /** How long a record may be held for its answer, in milliseconds; Infinity: until there is an answer or the endpoint fails. */
  readonly waitMs: number;
  /** How often a request with a template may fail of the endpoint before nobody waits for it any more. */
  readonly patience: number;
  /** How long a template waits for others to go with. */
  readonly lingerMs: number;
  /** Templates that may wait to be asked. */
  readonly maxWaiting: number;
  /** The longest that the endpoint may make everybody wait by `Retry-After`, in milliseconds; where it wants more the request fails. */
  readonly longestPauseMs: number;
}

/** An agent holds no record for longer than it was told, and has time: a template that the endpoint failed of is tried again. */
export function agentManner({ wait_ms, linger_ms, max_waiting_templates }: LlmConfig): Manner {
  const lingerMs = wait_ms === 0 ? linger_ms : Math.min(linger_ms, wait_ms / 10);
  return { waitMs: wait_ms, patience: 8, lingerMs, maxWaiting: max_waiting_templates, longestPauseMs: Number.POSITIVE_INFINITY };
}

/** A command has its records all at once, and ends with them: it waits for each answer, unless the endpoint fails. */
export const COMMAND_MANNER: Manner = {
  waitMs: Number.POSITIVE_INFINITY,
  patience: 1,
  lingerMs: 20,
  maxWaiting: Number.POSITIVE_INFINITY,
  longestPauseMs: 5000,
};

import { z } from 'zod';
import { abilitiesSchema } from './abilities.js';

const stateSchema = z.strictObject({
  /** Null before the first request. */
  use: z.strictObject({ day: z.iso.date(), requests: z.number().min(0), tokens: z.number().min(0), cost: z.number().min(0) }).nullable(),
  /** What the endpoint was found to take, and when that was found out, in milliseconds since the epoch. */
  endpoint: z.strictObject({ base_url: z.string(), model: z.string(), abilities: abilitiesSchema, at: z.number() }).nullable(),
});

/** What the stage remembers over restarts besides its answers: what was used, and what the endpoint takes. */
export type LlmState = z.output<typeof stateSchema>;

/** Where it is remembered. */
export interface StateFile {
  load(): Promise<LlmState | undefined>;
  save(state: LlmState): Promise<void>;
}

/** @throws for what is no state. */
export function parseState(value: unknown): LlmState {
  return stateSchema.parse(value);
}

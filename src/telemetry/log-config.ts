import { z } from 'zod';

/** Apart from the log itself, whose library a command that checks a configuration does not need. */
export const logSchema = z
  .strictObject({
    level: z.enum(['debug', 'info', 'warn', 'error']).default('info').describe('least severity to write'),
    format: z.enum(['auto', 'json', 'text']).default('auto').describe('`auto`: text on a terminal, else JSON'),
    repeats_per_minute: z.int().min(1).default(20).describe('how often the same message is written a minute; further ones are counted'),
  })
  .describe("the agent's own log, on stderr");

export type LogConfig = z.output<typeof logSchema>;

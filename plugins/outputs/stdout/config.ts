import { z } from 'zod';

export const stdoutConfig = z.strictObject({
  format: z
    .enum(['auto', 'ndjson', 'pretty'])
    .default('auto')
    .describe('`auto`: readable lines on a terminal, else one JSON document (ECS) a line'),
});

export type StdoutConfig = z.output<typeof stdoutConfig>;

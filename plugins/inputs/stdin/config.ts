import { z } from 'zod';
import { lineKeys } from '../../../src/config/line-keys.js';

/** The keys of the `stdin` input. */
export const config = z.strictObject({
  codec: z
    .enum(['auto', 'lines'])
    .default('auto')
    .describe(
      'What a line holds. `auto`: a line of a log, by itself or in JSON as Fluentd, Fluent Bit, Filebeat or OpenTelemetry bring it. `lines`: a line of a log.',
    ),
  format: lineKeys.format,
  timezone: lineKeys.timezone,
  host: lineKeys.host,
  program: lineKeys.program,
  max_line_bytes: z.int().min(16).default(1_048_576).describe('Longer lines are cut here and marked as cut.'),
});

export type StdinInputConfig = z.output<typeof config>;

import { z } from 'zod';
import { DECODER_NAMES } from '../../../src/record/decode.js';
import { isTimezone } from '../../../src/record/timezone.js';

/** The keys of the `stdin` input. */
export const config = z.strictObject({
  codec: z
    .enum(['auto', 'lines'])
    .default('auto')
    .describe(
      'What a line holds. `auto`: a line of a log, by itself or in JSON as Fluentd, Fluent Bit, Filebeat or OpenTelemetry bring it. `lines`: a line of a log.',
    ),
  format: z
    .string()
    .default('auto')
    .refine((name) => DECODER_NAMES.includes(name), `expected one of ${DECODER_NAMES.join(', ')}`)
    .describe(`The decoder for every line; \`auto\` recognises each line. One of ${DECODER_NAMES.join(', ')}.`),
  timezone: z
    .string()
    .default('Etc/UTC')
    .refine(isTimezone, 'expected an IANA time zone, such as Europe/Berlin')
    .describe('IANA name of the zone of timestamps that carry none.'),
  host: z.string().min(1).optional().describe("Host of records that name none. Default: this machine's name."),
  program: z.string().min(1).optional().describe('Program of records that name none.'),
  max_line_bytes: z.int().min(16).default(1_048_576).describe('Longer lines are cut here and marked as cut.'),
});

export type StdinInputConfig = z.output<typeof config>;

import { z } from 'zod';
import { DECODER_NAMES } from '../record/decode.js';
import { isTimezone } from '../record/timezone.js';

/** Keys of inputs that say how lines are read, and whose they are where that is not said with them. */
export const lineKeys = {
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
};

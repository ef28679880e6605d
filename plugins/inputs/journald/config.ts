import { z } from 'zod';
import { lineKeys } from '../../../src/config/line-keys.js';
import { MAX_TIMER_MS } from '../../../src/config/timers.js';
import { DECODER_NAMES } from '../../../src/record/decode.js';

export const PRIORITIES = ['emerg', 'alert', 'crit', 'err', 'warning', 'notice', 'info', 'debug'] as const;

/** The keys of the `journald` input. */
export const config = z.strictObject({
  units: z
    .array(
      z
        .string()
        .max(255)
        .regex(/^[A-Za-z0-9:_.@\\*?-]+$/, 'expected the name of a unit, in which * and ? stand for others'),
    )
    .default([])
    .describe('Units to read: `nova-compute`, `neutron-*`. None for all. With `*` or `?` the whole journal is read, and sorted out here.'),
  identifiers: z
    .array(
      z
        .string()
        .min(1)
        .max(255)
        .regex(/^[\x21-\x7e]+$/, 'expected a syslog identifier, such as nova-compute'),
    )
    .default([])
    .describe('Syslog identifiers to read: `nova-compute`. None for all.'),
  priority: z
    .enum(PRIORITIES)
    .optional()
    .describe(`The least grave priority to read, one of ${PRIORITIES.join(', ')}. Default: all, also what has none.`),
  directory: z
    .string()
    .min(1)
    .optional()
    .describe(
      'Read the journals in this folder, of whatever machine. A relative one begins at the configuration file. Default: the journal of this machine.',
    ),
  read_from: z.enum(['end', 'beginning']).default('end').describe('Where to start at the first start.'),
  exclude_own: z.boolean().default(true).describe("Leave out what trilog's own unit, or this process, writes into the journal."),
  format: lineKeys.format.describe(`The decoder for every message; \`auto\` recognises each. One of ${DECODER_NAMES.join(', ')}.`),
  timezone: lineKeys.timezone.describe('IANA name of the zone of timestamps in messages that carry none.'),
  host: z.string().min(1).optional().describe("Host of entries that name none. Default: this machine's name."),
  max_line_bytes: z.int().min(16).default(1_048_576).describe('Longer messages are cut here and marked as cut.'),
  max_open_writers: z
    .int()
    .min(1)
    .max(65_536)
    .default(512)
    .describe('Processes whose lines may be joined at once. What was quiet longest is completed when there are more.'),
  checkpoint_interval_ms: z.int().min(0).max(MAX_TIMER_MS).default(1_000).describe('How often, at most, the cursor is written to disk.'),
});

export type JournaldInputConfig = z.output<typeof config>;

import { z } from 'zod';
import { lineKeys } from '../../../src/config/line-keys.js';
import { MAX_TIMER_MS } from '../../../src/config/timers.js';

/** The keys of the `file` input. */
export const config = z.strictObject({
  include: z
    .array(z.string().min(1))
    .min(1)
    .describe('Files to read, as globs: `/var/log/kolla/*/*.log`. `**` crosses folders. Relative ones begin at the configuration file.'),
  exclude: z
    .array(z.string().min(1))
    .default([])
    .describe('Files to leave out, as globs. A pattern without a slash is matched against the file name: `*-access.log`.'),
  read_from: z
    .enum(['end', 'beginning'])
    .default('end')
    .describe('Where to start in a file that exists at the first start. One that appears later is always read from its beginning.'),
  follow: z.boolean().default(true).describe('Wait for more. `false` reads every file to its end, once, and finishes.'),
  timezone: lineKeys.timezone,
  format: lineKeys.format,
  host: z.string().min(1).optional().describe("Host of the records. Default: this machine's name."),
  program: z.string().min(1).optional().describe("Program of the records. Default: the file's name without extension and rotation suffix."),
  max_line_bytes: z.int().min(16).default(1_048_576).describe('Longer lines are cut here and marked as cut.'),
  poll_interval_ms: z.int().min(1).max(MAX_TIMER_MS).default(250).describe('How often a file that was read to its end is looked at again.'),
  discover_interval_ms: z.int().min(1).max(MAX_TIMER_MS).default(1_000).describe('How often `include` is searched for new files.'),
  rotate_wait_ms: z
    .int()
    .min(0)
    .max(MAX_TIMER_MS)
    .default(10_000)
    .describe('How long a rotated or deleted file is held open after its last growth, because its writer may still write to it.'),
  read_block_bytes: z.int().min(1_024).max(67_108_864).default(131_072).describe('Bytes per read and, at most, per turn of a file.'),
  max_open_files: z
    .int()
    .min(1)
    .default(512)
    .describe('Files held open at once. Idle ones beyond it are closed and opened again on growth.'),
  close_after_idle_s: z
    .number()
    .min(0)
    .max(2_147_483)
    .default(300)
    .describe('A file that did not grow for so long is closed until it grows.'),
  checkpoint_interval_ms: z.int().min(0).max(MAX_TIMER_MS).default(1_000).describe('How often, at most, positions are written to disk.'),
  forget_after_days: z
    .number()
    .positive()
    .max(36_500)
    .default(7)
    .describe('Positions of files that have been gone for so long are dropped.'),
});

export type FileInputConfig = z.infer<typeof config>;

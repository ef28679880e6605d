import { z } from 'zod';

/** A hundred years: far within what a date can say. */
const MAX_HOURS = 876_600;

export const fileOutputConfig = z.strictObject({
  path: z.string().min(1).describe('file to append to; its folder is made where it is missing; relative to the configuration file'),
  format: z.enum(['ndjson', 'csv']).default('ndjson').describe('one JSON document a line in the ECS profile, or CSV'),
  rotate_bytes: z.int().min(4096).default(134_217_728).describe('size at which the file becomes `.1`; 0 for never').or(z.literal(0)),
  rotate_hours: z.number().min(0).max(MAX_HOURS).default(0).describe('age at which the file becomes `.1`; 0 for never'),
  keep_files: z.int().min(0).default(7).describe('rotated files to keep'),
  mode: z
    .string()
    .regex(/^0[0-7]{3}$/, 'an octal mode such as "0640"')
    .default('0640')
    .describe('permissions of the file'),
});

export type FileOutputConfig = z.output<typeof fileOutputConfig>;

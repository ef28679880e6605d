import picomatch from 'picomatch';
import { z } from 'zod';
import { LEVELS, type LogRecord } from '../record/record.js';
import { remembering } from '../record/remembered-answers.js';

const OPTIONS = { dot: true };

/** The `when:` of an output: every condition that is there must hold. */
export const whenSchema = z
  .strictObject({
    labels: z
      .array(z.string().min(1))
      .min(1)
      .optional()
      .describe('globs on labels, such as `*.failure` or `capacity.*`; `unclassified` is one too'),
    levels: z.array(z.enum(LEVELS)).min(1).optional().describe('levels; records without one match none'),
    programs: z.array(z.string().min(1)).min(1).optional().describe('globs on programs, such as `nova-*`'),
  })
  .describe('which records this output gets; all, where it is absent');

export type When = z.output<typeof whenSchema>;

/** Whether a glob of `when:` matches one of these names at least. */
export function matchesSome(glob: string, names: readonly string[]): boolean {
  const matches = picomatch(glob, OPTIONS);
  return names.some((name) => matches(name));
}

/** A test for records. */
export function compileWhen(when: When): (record: LogRecord) => boolean {
  const label = when.labels === undefined ? null : remembering(picomatch([...when.labels], OPTIONS));
  const program = when.programs === undefined ? null : remembering(picomatch([...when.programs], OPTIONS));
  const levels = when.levels === undefined ? null : new Set<string>(when.levels);
  return (record) =>
    (label === null || label(record.label)) &&
    (levels === null || levels.has(record.level)) &&
    (program === null || program(record.program));
}

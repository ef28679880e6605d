import picomatch from 'picomatch';
import { z } from 'zod';
import { detached } from '../record/detached.js';
import { LEVELS, type LogRecord } from '../record/record.js';

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

/** Labels and programs are few; past this many (programs come from log text) the remembered answers are dropped. */
const MAX_REMEMBERED = 4096;

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

/** No name is longer; what is, is cut, so that a hostile one costs no more than others. */
const MAX_NAME_LENGTH = 255;

function remembering(matches: (name: string) => boolean): (name: string) => boolean {
  const answers = new Map<string, boolean>();
  return (full) => {
    const name = full.length > MAX_NAME_LENGTH ? full.slice(0, MAX_NAME_LENGTH) : full;
    let answer = answers.get(name);
    if (answer === undefined) {
      answer = matches(name);
      if (answers.size >= MAX_REMEMBERED) answers.clear();
      answers.set(detached(name), answer);
    }
    return answer;
  };
}

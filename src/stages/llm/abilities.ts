import { z } from 'zod';

/** How an answer is held to its form: by a schema, to any JSON, or by the prompt alone. */
const FORMATS = ['json_schema', 'json_object', 'text'] as const;

export const abilitiesSchema = z.strictObject({
  format: z.enum(FORMATS),
  /** The server says how likely each token was. */
  logprobs: z.boolean(),
  /** It takes `temperature`; models that think by themselves do not. */
  temperature: z.boolean(),
  /** The name of the bound on the answer's length. */
  bound: z.enum(['max_tokens', 'max_completion_tokens']),
});

/** What a server takes of the parameters that not every one knows. */
export type Abilities = z.output<typeof abilitiesSchema>;

/** What is tried with a server that nothing is known of. */
export const ALL_ABILITIES: Abilities = { format: 'json_schema', logprobs: true, temperature: true, bound: 'max_tokens' };

/** What a server says when it refuses a request for its parameters. */
export interface Complaint {
  /** The parameter, where it names one. */
  readonly param: string;
  readonly message: string;
  /** The complaint may be about a parameter even if it names none. */
  readonly vague: boolean;
}

/** What to try next; null where nothing is left to do without, or the complaint is about something else. */
export function abilitiesAfter(abilities: Abilities, { param, message, vague }: Complaint): Abilities | null {
  const names = (pattern: RegExp): boolean => pattern.test(param) || pattern.test(message);
  if (abilities.bound === 'max_tokens' && names(/max_(?:completion_)?tokens/)) return { ...abilities, bound: 'max_completion_tokens' };
  if (abilities.logprobs && names(/logprob/i)) return { ...abilities, logprobs: false };
  if (abilities.temperature && names(/temperature/i)) return { ...abilities, temperature: false };
  if (names(/response_format|json_schema|json_object|schema|structured|grammar/i)) return lesserFormat(abilities);
  if (!vague) return null;
  // It may be any of them: the format is what fewest servers know.
  return lesserFormat(abilities) ?? (abilities.logprobs ? { ...abilities, logprobs: false } : null);
}

function lesserFormat(abilities: Abilities): Abilities | null {
  const format = FORMATS[FORMATS.indexOf(abilities.format) + 1];
  return format === undefined ? null : { ...abilities, format };
}

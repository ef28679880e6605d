import { z } from 'zod';
import { FORMATS, LEVELS } from '../../record/record.js';
import { isConditionField, KNOWN_FIELDS, keptName } from './condition.js';

/** One value or a list of them; read as a list. */
function oneOrMany<T extends z.ZodType>(item: T) {
  return z
    .union([item, z.array(item).min(1)])
    .transform((value): z.output<T>[] => (Array.isArray(value) ? value : [value]) as z.output<T>[]);
}

const literal = z.string().min(1);

const range = z
  .union([z.string(), z.number(), z.array(z.union([z.string(), z.number()])).min(1)])
  .describe('a value, a list of values, or an inclusive range of numbers such as "500-599"');

const example = z.union([
  z.string(),
  z.strictObject({
    message: z.string(),
    logger: z.string().optional(),
    level: z.enum(LEVELS).optional(),
    program: z.string().optional(),
    format: z.enum(FORMATS).optional(),
    status: z.int().optional().describe('HTTP status of an access line'),
    error: z.string().optional().describe('class of the reported exception'),
    where: z
      .record(
        z.string().refine((name) => isConditionField(name) || (keptName(name) ?? '') !== '', `no field of a record; ${KNOWN_FIELDS}`),
        z.union([z.string(), z.number()]),
      )
      .optional()
      .describe('values of fields, by the names that the `where` of a rule has'),
  }),
]);

/** The grammar of a rule: every condition that is there must hold. */
export const ruleSchema = z.strictObject({
  id: z
    .string()
    .regex(/^[a-z0-9_]+(\.[a-z0-9_]+)+$/, 'lower-case dotted words, such as nova.compute.spawn_failed')
    .describe('unique name; it appears in the records that the rule labels'),
  label: z.string().describe('a label of the taxonomy'),
  logger: oneOrMany(z.string().regex(/^[\w.-]+(\.\*)?$/, 'a logger, or a prefix that ends in .*'))
    .optional()
    .describe('exact logger, or prefix such as `nova.virt.*`; `oslo.x` and `oslo_x` are the same'),
  level: oneOrMany(z.enum(LEVELS)).optional().describe('levels of the record'),
  program: oneOrMany(z.string().regex(/^[^*]+\*?$/, 'a program, or a prefix that ends in *'))
    .optional()
    .describe('syslog tag or log file name'),
  format: oneOrMany(z.enum(FORMATS)).optional().describe('text form of the record'),
  starts: oneOrMany(literal).optional().describe('the message starts with this, or with one of these'),
  contains: oneOrMany(literal).optional().describe('the message contains these, in this order, after `starts`'),
  match: literal.optional().describe('RE2 regular expression searched in the message'),
  hint: literal.optional().describe('a literal that every match of `match` contains'),
  where: z.record(z.string(), range).optional().describe('conditions on fields, such as `http.status: "500-599"`'),
  error: oneOrMany(z.string().regex(/^\*?[\w.]+\*?$/, 'a class such as nova.exception.NoValidHost; * may stand at either end'))
    .optional()
    .describe('class of the reported exception'),
  captures: z
    .array(z.string().regex(/^[a-z_]\w*$/i))
    .min(1)
    .optional()
    .describe('named groups of `match` to keep in the record'),
  examples: z.strictObject({ match: z.array(example).min(1), no_match: z.array(example).optional() }),
});

export const rulePackSchema = z.strictObject({
  pack: z.string().describe('name of the pack'),
  rules: z.array(ruleSchema).min(1),
});

export type Rule = z.output<typeof ruleSchema>;
export type RuleExample = z.output<typeof example>;

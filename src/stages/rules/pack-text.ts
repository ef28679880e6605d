import { type Problem, YamlFile } from '../../yaml/document.js';
import { preparedRules } from './prepared.js';
import { type Rule, rulePackSchema, ruleSchema } from './schema.js';

/** A rule as far as it is well-formed: the keys of it that are, and the whole rule where all are. */
export interface ReadRule {
  readonly rule: Partial<Rule>;
  readonly whole: Rule | null;
}

/** A file of rules as it was read. */
export interface PackText {
  readonly problems: readonly Problem[];
  /** None where the file is no YAML. */
  readonly rules: readonly ReadRule[];
  /** A problem at a place of the file. */
  problem(path: readonly PropertyKey[], message: string): Problem;
}

export function readPack(file: string, text: string): PackText {
  let read: YamlFile | null = null;
  const yaml = (): YamlFile => {
    read ??= new YamlFile(file, text);
    return read;
  };
  const problem: PackText['problem'] = (path, message) => yaml().problem(path, message);
  const prepared = preparedRules(file, text);
  if (prepared !== null) return { problems: [], rules: prepared.map(isWhole), problem };
  const { syntaxProblems, value } = yaml();
  if (syntaxProblems.length > 0) return { problems: syntaxProblems, rules: [], problem };
  const parsed = rulePackSchema.safeParse(value);
  if (parsed.success) return { problems: [], rules: parsed.data.rules.map(isWhole), problem };
  return { problems: yaml().problems(parsed.error), rules: wellFormed(value), problem };
}

function isWhole(rule: Rule): ReadRule {
  return { rule, whole: rule };
}

/** Of rules of which some are not. */
function wellFormed(pack: unknown): ReadRule[] {
  const rules = (pack as { rules?: unknown } | null)?.rules;
  if (!Array.isArray(rules)) return [];
  return rules.map((given: unknown) => {
    const { data: whole = null } = ruleSchema.safeParse(given);
    if (whole !== null || typeof given !== 'object' || given === null) return { rule: whole ?? {}, whole };
    const keys = Object.entries(ruleSchema.shape).flatMap(([key, schema]) => {
      const { data } = schema.safeParse((given as Record<string, unknown>)[key]);
      return data === undefined ? [] : [[key, data]];
    });
    return { rule: Object.fromEntries(keys), whole };
  });
}

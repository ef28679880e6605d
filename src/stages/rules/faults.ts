import { compileCondition } from './condition.js';
import { groupNames, type PatternCompiler } from './pattern.js';
import type { Rule } from './schema.js';

/** A key of a rule, and what is wrong there. */
export type Fault = readonly [key: string, message: string];

/** What keeps a rule from being compiled: the key, and what is wrong there. */
export function expressionFaults({ match, where }: Partial<Rule>, compile: PatternCompiler): Fault[] {
  const attempts: [string, () => void][] = [];
  if (match !== undefined) attempts.push(['match', () => compile(match)]);
  if (where !== undefined) attempts.push(['where', () => compileCondition(where)]);
  return attempts.flatMap(([key, attempt]): Fault[] => {
    try {
      attempt();
      return [];
    } catch (error) {
      return [[key, error instanceof Error ? error.message : String(error)]];
    }
  });
}

/** Conditions that are well-formed alone but make no sense together: the key, and what to do. */
export function incoherences(rule: Rule): Fault[] {
  const found: Fault[] = [];
  const decides = [rule.starts, rule.contains, rule.match, rule.where, rule.error, rule.format, rule.program];
  if (decides.every((condition) => condition === undefined)) found.push(['id', 'a rule needs a condition beside logger and level']);
  if (rule.match !== undefined && rule.starts === undefined && rule.contains === undefined && rule.hint === undefined) {
    if (!rule.match.startsWith('^'))
      found.push(['match', 'needs `starts`, `contains` or a `hint` (a literal that every match contains), or `^`']);
  }
  if (rule.hint !== undefined && rule.match === undefined) found.push(['hint', 'stands beside `match` only; use `contains`']);
  if (rule.captures !== undefined && rule.match === undefined) found.push(['captures', 'names groups of `match`, which is missing']);
  return found;
}

/** Names among `captures` that the expression gives to no group: nothing would ever be kept under them. */
export function captureFaults({ match, captures }: Rule): Fault[] {
  if (match === undefined || captures === undefined) return [];
  let names: string[];
  try {
    names = groupNames(match);
  } catch {
    // What is wrong with the expression is told as such.
    return [];
  }
  return captures
    .filter((name) => !names.includes(name))
    .map((name) => ['captures', `\`match\` has no group "${name}"; it has ${names.length === 0 ? 'none with a name' : names.join(', ')}`]);
}

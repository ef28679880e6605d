import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { TrilogError } from '../../errors.js';
import { MODELS_DIR } from '../../paths.js';
import { formatProblem, type Problem, YamlFile } from '../../yaml/document.js';
import type { Taxonomy } from '../taxonomy.js';
import { CompiledRule } from './compiled-rule.js';
import { linearCompiler, type PatternCompiler } from './pattern.js';
import { type Rule, rulePackSchema } from './schema.js';

/** A rule with the place it was read from. */
export interface LoadedRule {
  readonly rule: Rule;
  readonly compiled: CompiledRule;
  readonly file: string;
  /** Looked up when asked for: most rules are fine. */
  readonly line: () => number;
}

/** The file of a pack that comes with trilog. */
export function packFile(pack: string): string {
  return join(MODELS_DIR, 'rules', `${pack}.yaml`);
}

/**
 * Reads and compiles rule files, in this order: the rules of the first file win over those of the second.
 * @throws TrilogError `RULES_INVALID` that lists every problem of every file.
 */
export function loadRules(files: readonly string[], taxonomy: Taxonomy, compile: PatternCompiler = linearCompiler()): LoadedRule[] {
  const problems: Problem[] = [];
  const rules: LoadedRule[] = [];
  const placeOfId = new Map<string, () => string>();
  for (const file of files) {
    let text: string;
    try {
      text = readFileSync(file, 'utf8');
    } catch (error) {
      problems.push({ file, line: 1, column: 1, path: '', message: error instanceof Error ? error.message : String(error) });
      continue;
    }
    const yaml = new YamlFile(file, text);
    if (yaml.syntaxProblems.length > 0) {
      problems.push(...yaml.syntaxProblems);
      continue;
    }
    const parsed = rulePackSchema.safeParse(yaml.value);
    if (!parsed.success) {
      problems.push(...yaml.problems(parsed.error));
      continue;
    }
    for (const [i, rule] of parsed.data.rules.entries()) {
      const at = (key: string, message: string): Problem => yaml.problem(['rules', i, key], `${rule.id}: ${message}`);
      const line = (): number => at('id', '').line;
      const before = placeOfId.get(rule.id);
      if (before !== undefined) problems.push(at('id', `the id is taken by ${before()}`));
      placeOfId.set(rule.id, () => `${file}:${line()}`);
      if (!taxonomy.has(rule.label)) problems.push(at('label', `"${rule.label}" is not a label of the taxonomy`));
      problems.push(...incoherences(rule).map(([key, message]) => at(key, message)));
      try {
        rules.push({ rule, compiled: new CompiledRule(rule, rules.length, compile), file, line });
      } catch (error) {
        problems.push(at(rule.match === undefined ? 'where' : 'match', error instanceof Error ? error.message : String(error)));
      }
    }
  }
  if (problems.length > 0) throw new TrilogError('RULES_INVALID', problems.map(formatProblem).join('\n'));
  return rules;
}

/** Conditions that are well-formed alone but make no sense together: the key, and what to do. */
function incoherences(rule: Rule): [string, string][] {
  const found: [string, string][] = [];
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

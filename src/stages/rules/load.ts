import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { TrilogError } from '../../errors.js';
import { MODELS_DIR } from '../../paths.js';
import { formatProblem, type Problem } from '../../yaml/document.js';
import type { Taxonomy } from '../taxonomy.js';
import { CompiledRule } from './compiled-rule.js';
import { captureFaults, expressionFaults, incoherences } from './faults.js';
import { readPack } from './pack-text.js';
import { linearCompiler, type PatternCompiler } from './pattern.js';
import type { Rule } from './schema.js';

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
    const pack = readPack(file, text);
    problems.push(...pack.problems);
    for (const [i, { rule, whole }] of pack.rules.entries()) {
      const at = (key: string, message: string): Problem =>
        pack.problem(['rules', i, key], rule.id === undefined ? message : `${rule.id}: ${message}`);
      const line = (): number => at('id', '').line;
      if (rule.id !== undefined) {
        const before = placeOfId.get(rule.id);
        if (before !== undefined) problems.push(at('id', `the id is taken by ${before()}`));
        placeOfId.set(rule.id, () => `${file}:${line()}`);
      }
      if (rule.label !== undefined && !taxonomy.has(rule.label))
        problems.push(at('label', `"${rule.label}" is not a label of the taxonomy`));
      if (whole !== null) problems.push(...[...incoherences(whole), ...captureFaults(whole)].map(([key, message]) => at(key, message)));
      const compiled = whole === null ? null : compiledOrNull(whole, rules.length, compile);
      if (whole !== null && compiled !== null) rules.push({ rule: whole, compiled, file, line });
      else problems.push(...expressionFaults(rule, compile).map(([key, message]) => at(key, message)));
    }
  }
  if (problems.length > 0) throw new TrilogError('RULES_INVALID', problems.map(formatProblem).join('\n'));
  return rules;
}

function compiledOrNull(rule: Rule, index: number, compile: PatternCompiler): CompiledRule | null {
  try {
    return new CompiledRule(rule, index, compile);
  } catch (error) {
    if (error instanceof SyntaxError) return null;
    throw error;
  }
}

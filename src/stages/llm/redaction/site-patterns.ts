import { TrilogError } from '../../../errors.js';
import { type LinearPattern, linearCompiler, type PatternCompiler } from '../../rules/pattern.js';

/**
 * The patterns of a site, in RE2's syntax: https://github.com/google/re2/wiki/Syntax.
 * @throws TrilogError `CONFIG_INVALID` that names every pattern which cannot be used: bad syntax, or it occurs in any text.
 */
export function sitePatterns(sources: readonly string[], compile: PatternCompiler = linearCompiler()): LinearPattern[] {
  const faults: string[] = [];
  const patterns = sources.flatMap((source) => {
    try {
      const pattern = compile(source);
      if (!pattern.test('')) return [pattern];
      faults.push(`"${source}" matches the empty text`);
    } catch (error) {
      if (!(error instanceof SyntaxError)) throw error;
      faults.push(`"${source}" is no pattern of RE2: ${error.message}`);
    }
    return [];
  });
  if (faults.length > 0) throw new TrilogError('CONFIG_INVALID', faults.map((fault) => `classify.llm.redact: ${fault}`).join('\n'));
  return patterns;
}

const PLACEHOLDER = /<[a-z]{1,8}>/g;

/** The text with `<secret>` for all that the patterns match. A placeholder stays whole: it is not touched from inside, and goes as one from outside. */
export function withoutMatches(text: string, patterns: readonly LinearPattern[]): string {
  let out = text;
  for (const pattern of patterns) {
    const spans = pattern.spans(out);
    if (spans.length === 0) continue;
    const holes = [...out.matchAll(PLACEHOLDER)].map((match) => [match.index, match.index + match[0].length] as const);
    let rest = '';
    let done = 0;
    let hole = 0;
    for (const [from, to] of spans) {
      let start = from;
      let end = to;
      while (hole < holes.length && (holes[hole]?.[1] ?? 0) <= start) hole++;
      const first = holes[hole];
      if (first !== undefined && first[0] <= start && end <= first[1]) continue;
      if (first !== undefined && first[0] < start) start = first[0];
      for (let next = hole; next < holes.length; next++) {
        const [opens, closes] = holes[next] ?? [0, 0];
        if (opens >= end) break;
        if (closes > end) end = closes;
        hole = next;
      }
      if (end <= done) continue;
      rest += `${out.slice(done, Math.max(done, start))}<secret>`;
      done = end;
    }
    out = rest + out.slice(done);
  }
  return out;
}

/** The words of a log statement, as they stand between its placeholders. */
export interface Pattern {
  /** Runs of literal words, each at least one word long; between two of them anything may stand. */
  readonly runs: readonly (readonly string[])[];
  /** Anything may stand before the first run. */
  readonly openStart: boolean;
  /** Anything may stand after the last run. */
  readonly openEnd: boolean;
}

/** Placeholders of `%`-formatting: `%s`, `%(name)s`, `%.2f`, `%-5s`, `%r`; and `%%`, which stands for itself. */
const PERCENT = /%(?:\([^()]*\))?[-+#0]*(?:\*|\d+)?(?:\.(?:\*|\d+))?[hlL]?[diouxXeEfFgGcrsa]|%%/g;
/** Placeholders of `str.format` and f-strings: `{}`, `{0}`, `{name}`, `{vm.id!r}`. */
const BRACES = /\{[^{}\n]*\}/g;
/** Stands for a placeholder while words are cut out; not a character of any statement. */
const HOLE = '\u0000';

/** Cuts a statement's template into the literal words that its every instance holds. Letters glued to a placeholder belong to the value. */
export function patternOf(template: string): Pattern {
  const runs: string[][] = [];
  let run: string[] = [];
  let openStart = false;
  let openEnd = false;
  for (const [piece] of withHoles(template).matchAll(/[\u0000\w]+/g)) {
    openEnd = piece.includes(HOLE);
    if (!openEnd) {
      run.push(piece);
      continue;
    }
    if (run.length > 0) runs.push(run);
    else if (runs.length === 0) openStart = true;
    run = [];
  }
  if (run.length > 0) runs.push(run);
  return { runs, openStart, openEnd };
}

/** Names of the placeholders in their order; empty for those without a name. */
export function placeholdersOf(template: string): string[] {
  const found = [...template.matchAll(PERCENT)].map(([text]) => text).filter((text) => text !== '%%');
  if (found.length > 0) return found.map((text) => /\(([^()]*)\)/.exec(text)?.[1] ?? '');
  return [...template.matchAll(BRACES)].map(([text]) => text.slice(1, -1));
}

function withHoles(template: string): string {
  // Braces are placeholders only where the statement has none of the other kind: many statements print JSON.
  const percent = [...template.matchAll(PERCENT)].some(([text]) => text !== '%%');
  if (percent) return template.replace(PERCENT, (text) => (text === '%%' ? '%' : HOLE));
  return template.replace(BRACES, HOLE).replaceAll('%%', '%');
}

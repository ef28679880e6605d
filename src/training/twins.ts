/** Fewer words say too little for one of them not to matter. */
const LEAST_WORDS = 5;

/**
 * Which templates are near duplicates: for each the number of its group. Two belong together when they have the same set of words, or, from five
 * words on, when one word more, less or other is all that tells them apart; and so do those that others connect. Takes time in proportion to the
 * words.
 */
export function twins(templates: readonly string[]): number[] {
  const groups = templates.map((_, i) => i);
  const rootOf = (start: number): number => {
    let i = start;
    for (let above = groups[i] ?? i; above !== i; above = groups[i] ?? i) {
      groups[i] = groups[above] ?? above;
      i = above;
    }
    return i;
  };
  const firstWith = new Map<string, number>();
  for (const [i, template] of templates.entries()) {
    for (const key of keysOf(template)) {
      const first = firstWith.get(key);
      if (first === undefined) firstWith.set(key, i);
      else groups[rootOf(i)] = rootOf(first);
    }
  }
  return templates.map((_, i) => rootOf(i));
}

/** The words without the placeholders; and without each one of them. */
function keysOf(template: string): string[] {
  const found = template
    .toLowerCase()
    .replace(/<[a-z]+>/g, ' ')
    .match(/[\p{L}']{2,}/gu);
  const words = [...new Set(found ?? [])].sort();
  const rests = words.length < LEAST_WORDS ? [] : words.map((left) => words.filter((word) => word !== left));
  return [words, ...rests].map((kept) => kept.join(' '));
}

import { shuffled } from './random.js';

/** Numbers of examples: those that a layer is fitted on, and those that judge it. */
export interface Split {
  readonly fitted: readonly number[];
  readonly held: readonly number[];
}

/**
 * Holds examples back, group by group in an order of chance, so that no near duplicate of what is fitted judges it.
 * @param groups of each example. @param share 0 to 1; a group that would go beyond it is fitted.
 */
export function holdOut(groups: readonly number[], share: number, random: () => number): Split {
  const sizes = new Map<number, number>();
  for (const group of groups) sizes.set(group, (sizes.get(group) ?? 0) + 1);
  const chosen = new Set<number>();
  let room = Math.round(share * groups.length);
  for (const [group, size] of shuffled([...sizes], random)) {
    if (size > room) continue;
    chosen.add(group);
    room -= size;
  }
  const numbers = groups.map((_, i) => i);
  const isHeld = (i: number): boolean => chosen.has(groups[i] ?? -1);
  return { fitted: numbers.filter((i) => !isHeld(i)), held: numbers.filter(isHeld) };
}

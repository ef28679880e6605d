import type { Canonical } from './canonical.js';

/** One value that differs: null where one side has none. */
export interface Change {
  readonly path: string;
  readonly had: string | null;
  readonly wanted: string | null;
}

/** What has to change for a piece to be as wanted, by path. */
export function changesBetween(had: Canonical, wanted: Canonical): readonly Change[] {
  const paths = [...new Set([...had.keys(), ...wanted.keys()])].sort();
  return paths
    .map((path) => ({ path, had: had.get(path) ?? null, wanted: wanted.get(path) ?? null }))
    .filter((change) => change.had !== change.wanted);
}

/** A change as a line: `+ path: new`, `- path: old`, or `path: old -> new`. */
export function changeLine({ path, had, wanted }: Change): string {
  if (had === null) return `+ ${path}: ${wanted}`;
  if (wanted === null) return `- ${path}: ${had}`;
  return `  ${path}: ${had} -> ${wanted}`;
}

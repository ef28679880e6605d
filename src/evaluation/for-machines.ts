/** Digits behind the point: more would be noise. */
const PRECISION = 1e4;

/** The same with keys in snake_case, as everything that trilog writes for machines has them, and shares rounded. */
export function forMachines(value: unknown): unknown {
  if (typeof value === 'number') return Math.round(value * PRECISION) / PRECISION;
  if (Array.isArray(value)) return value.map(forMachines);
  if (typeof value !== 'object' || value === null) return value;
  return Object.fromEntries(Object.entries(value).map(([key, part]) => [snakeCase(key), forMachines(part)]));
}

function snakeCase(key: string): string {
  return key.replace(/[A-Z]/g, (letter) => `_${letter.toLowerCase()}`);
}

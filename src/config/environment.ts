import { TrilogError } from '../errors.js';
import { formatPath } from '../yaml/document.js';

/** A reference to the environment that has no value. */
export interface MissingVariable {
  readonly path: readonly PropertyKey[];
  readonly name: string;
}

/** No configuration is nested so deep, unless an alias contains itself. */
const MAX_DEPTH = 64;
const REFERENCE = /\$\{([A-Za-z_][A-Za-z0-9_]*)(?::-([^}]*))?\}/g;

/**
 * Replaces `${NAME}` and `${NAME:-default}` in every string of a configuration. It works on parsed values, so a variable can never add keys,
 * and what it gives is always a string: an API key of digits stays one.
 * @throws TrilogError `CONFIG_INVALID` for values without end.
 */
export function substituteEnvironment(
  value: unknown,
  environment: Readonly<Record<string, string | undefined>>,
): { value: unknown; missing: MissingVariable[] } {
  const missing: MissingVariable[] = [];
  const visit = (node: unknown, path: readonly PropertyKey[]): unknown => {
    if (typeof node === 'string') {
      return node.replace(REFERENCE, (reference: string, name: string, fallback: string | undefined) => {
        const found = environment[name] ?? fallback;
        if (found === undefined) missing.push({ path, name });
        return found ?? reference;
      });
    }
    if (path.length > MAX_DEPTH)
      throw new TrilogError('CONFIG_INVALID', `${formatPath(path.slice(0, 3))}: nested too deep; an alias may not contain itself`);
    if (Array.isArray(node)) return node.map((item, i) => visit(item, [...path, i]));
    if (node !== null && typeof node === 'object') {
      return Object.fromEntries(Object.entries(node).map(([key, item]) => [key, visit(item, [...path, key])]));
    }
    return node;
  };
  return { value: visit(value, []), missing };
}

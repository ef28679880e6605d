import { isObject } from '../record/json-object.js';
/** A key's value in a configuration that has not been checked; undefined where there is none. */
export function valueAt(value: unknown, key: string): unknown {
  return isObject(value) && Object.hasOwn(value, key) ? value[key] : undefined;
}

/** Keys and values of a map; none where it is something else. */
export function entriesOf(value: unknown): [string, unknown][] {
  return isObject(value) ? Object.entries(value) : [];
}

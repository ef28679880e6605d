/** Objects within objects, the outermost counted. Elasticsearch's `flattened` takes 20. */
export const MAX_DEPTH = 4;
/** Values in all. */
export const MAX_VALUES = 256;
export const MAX_KEY_CHARS = 256;
/** A path of keys and its value make one term, and Lucene takes 32,766 bytes of one: 3 × (4 × 256 + 8,000) are fewer. */
export const MAX_VALUE_CHARS = 8000;
/** Of what is stored and not searched. */
export const MAX_JSON_CHARS = 1_048_576;

/** Keys in which `.` has no name on both sides, blanks hang over, or a character is not text: some servers refuse NUL, others names that are empty or blank. */
const AWKWARD_KEY = /^[\s.]|[\s.]$|\.\s*\.|[\u0000-\u001f\u007f]/;
/** Half of a pair has no UTF-8: it would come back as another character. */
const LONE_SURROGATE = /\p{Surrogate}/u;

export interface TameFields {
  /** For a field of type `flattened` or `flat_object`; null where there is nothing to search. */
  readonly extra: Readonly<Record<string, unknown>> | null;
  /** All fields as JSON, to be stored only, where `extra` left some out; else empty. Longer than {@link MAX_JSON_CHARS} it is cut and ends in `…`. */
  readonly json: string;
}

/**
 * What the line carried by its own names, within what search servers take. Elasticsearch's `flattened` refuses depth, long keys and NUL in keys (8.19);
 * OpenSearch's `flat_object` refuses long values (2.19), fails over nulls in 2.12 to 2.14 (OpenSearch issue 13184), and loses its way in arrays in
 * others, whose parser takes a name off the path for every value.
 *
 * In `extra` arrays, and objects that are nested too deep, are JSON text; nulls and empty objects, which no search can find, are left away. A key or
 * value that is too long or awkward, and what is too many, is left out, and `json` has everything. Fields without any of that, the common case, are
 * `extra` themselves.
 */
export function tameFields(fields: Readonly<Record<string, unknown>>): TameFields {
  if (isTame(fields)) return { extra: fields, json: '' };
  const taming = new Taming();
  const extra = taming.object(fields, 1);
  return { extra: extra ?? null, json: taming.leftOut ? cut(jsonOf(fields) ?? '…') : '' };
}

function isTame(fields: Readonly<Record<string, unknown>>): boolean {
  let values = 0;
  for (const key in fields) {
    const value = fields[key];
    const tame = typeof value === 'string' ? isTameText(value) : typeof value === 'boolean' || Number.isFinite(value);
    if (!tame || ++values > MAX_VALUES || !isTameKey(key)) return false;
  }
  return values > 0;
}

function isTameKey(key: string): boolean {
  return key !== '' && key.length <= MAX_KEY_CHARS && !AWKWARD_KEY.test(key) && !LONE_SURROGATE.test(key);
}

function isTameText(text: string): boolean {
  return text.length <= MAX_VALUE_CHARS && !LONE_SURROGATE.test(text);
}

/** One object's way through. */
class Taming {
  #values = 0;
  leftOut = false;

  /** Undefined where nothing remains. */
  object(object: object, depth: number): Record<string, unknown> | undefined {
    const entries: [string, unknown][] = [];
    for (const [key, value] of Object.entries(object)) {
      const tame = this.#value(value, depth);
      if (tame === undefined) continue;
      if (isTameKey(key)) entries.push([key, tame]);
      else this.leftOut = true;
    }
    // Unlike an assignment, this keeps the key `__proto__`.
    return entries.length === 0 ? undefined : Object.fromEntries(entries);
  }

  /** Undefined for what is not written. */
  #value(value: unknown, depth: number): unknown {
    if (value === null || value === undefined) return undefined;
    if (typeof value === 'object' && !Array.isArray(value)) {
      if (depth < MAX_DEPTH) return this.object(value, depth + 1);
      if (Object.keys(value).length === 0) return undefined;
    }
    const text = textOf(value);
    this.#values++;
    if (text !== null && isTameText(text) && this.#values <= MAX_VALUES) {
      return typeof value === 'boolean' || Number.isFinite(value) ? value : text;
    }
    this.leftOut = true;
    return undefined;
  }
}

function textOf(value: unknown): string | null {
  return typeof value === 'object' && value !== null ? jsonOf(value) : String(value);
}

/** Null for what has no JSON: a ring, or nesting that exhausts the stack. */
function jsonOf(value: object): string | null {
  try {
    return JSON.stringify(value) ?? null;
  } catch {
    return null;
  }
}

function cut(text: string): string {
  if (text.length <= MAX_JSON_CHARS) return text;
  const head = text.slice(0, MAX_JSON_CHARS - 1);
  // Not between the halves of a pair.
  return `${LONE_SURROGATE.test(head.slice(-1)) ? head.slice(0, -1) : head}…`;
}

/** What a message shows of a value; more would hide the message. */
const MAX_SHOWN = 40;
/** Keys whose values are nobody's business, and addresses with a password in them. */
const SECRET_KEY = /(?:^|_)(?:pass(?:word|wd|phrase)?|secret|token|key|credentials?|auth)$/i;
const SECRET_TEXT = /:\/\/[^/\s]*@/;

/** The single value that a path leads to, short and harmless for a terminal; null where there is none, or it may be a secret. */
export function foundAt(document: unknown, path: readonly PropertyKey[]): string | null {
  let value = document;
  for (const step of path) {
    if (typeof value !== 'object' || value === null || !Object.hasOwn(value, step)) return null;
    value = (value as Record<PropertyKey, unknown>)[step];
  }
  if (path.some((step) => typeof step === 'string' && SECRET_KEY.test(step))) return null;
  if (typeof value !== 'string') return value === undefined || (typeof value === 'object' && value !== null) ? null : String(value);
  return SECRET_TEXT.test(value) ? null : printable(JSON.stringify(value.length > MAX_SHOWN ? `${value.slice(0, MAX_SHOWN)}…` : value));
}

/** JSON escapes only C0 controls; others, and marks that turn the direction of writing, would steer a terminal just as well. */
function printable(json: string): string {
  const code = (char: string): string => `\\u${char.charCodeAt(0).toString(16).padStart(4, '0')}`;
  return json.replace(/[\u007f-\u009f\u061c\u200e\u200f\u202a-\u202e\u2066-\u2069]/g, code);
}

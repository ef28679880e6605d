/** Last parts of names whose value nobody may see. */
const SECRET_NAMES = new Set(
  'password passwd passwords pwd pass passphrase secret secrets token tokens authorization credential credentials apikey cookie bearer basic digest signature sig'.split(
    ' ',
  ),
);
/** What makes a `…key` a secret one. */
const SECRET_KEYS = new Set('api access secret private auth encryption shared ssh admin rsa license account'.split(' '));

/** The last three letters, as one number: most words are told by them without being cut out of the text. */
function ending(text: string, end: number): number {
  return ((text.charCodeAt(end - 3) | 32) << 16) | ((text.charCodeAt(end - 2) | 32) << 8) | (text.charCodeAt(end - 1) | 32);
}

const ENDINGS = new Set([...SECRET_NAMES, 'key', 'keys', 'password', 'token', 'apikey'].map((name) => ending(name, name.length)));

/** The longest name that is looked at. */
const LONGEST_NAME = 64;

/** Whether what follows this name after `=` or `:` must not be kept: `admin_password`, `X-Auth-Token`, `secret_key`. */
export function isSecretName(text: string, start: number, end: number): boolean {
  if (end - start > LONGEST_NAME || end - start < 3) return false;
  if (!ENDINGS.has(ending(text, end))) return false;
  const parts = text
    .slice(start, end)
    .toLowerCase()
    .split(/[^a-z]/);
  const name = parts.at(-1) ?? '';
  if (SECRET_NAMES.has(name)) return true;
  if (name !== 'key' && name !== 'keys') return name.endsWith('password') || name.endsWith('token') || name.endsWith('apikey');
  return SECRET_KEYS.has(parts.at(-2) ?? '');
}

/** The schemes of HTTP authentication: what follows them is the credential. */
export function isAuthScheme(text: string, start: number, end: number): boolean {
  if (end - start < 5 || end - start > 9) return false;
  const word = text.slice(start, end).toLowerCase();
  return word === 'bearer' || word === 'basic' || word === 'digest' || word === 'negotiate';
}

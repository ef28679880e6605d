import { partsOf, segmentsOf } from './word-parts.js';

/**
 * How sure the name of a secret is that its value follows: `certain` also behind a blank (`password hunter`), `likely` only behind `=` or `:`
 * (`key = …`, while `key manager` is a thing), `flag` directly behind a blank (`mysql -p hunter`, of which a template keeps `p hunter`).
 */
export type Certainty = 'certain' | 'likely' | 'flag';

const set = (words: string): ReadonlySet<string> => new Set(words.split(' '));

const CERTAIN = set(
  'password passwords passwd passphrase passphrases passcode pwd pw psk secret secrets token tokens credential credentials creds bearer apikey ' +
    'userpass adminpass sharedsecret authkey secretkey privatekey accesskey community otp totp',
);
const LIKELY = set(
  'pass pin key keys keyring signature sig cookie cookies digest basic negotiate auth authorization nonce salt hmac fernet ticket session sessionid ' +
    'hash chap passkey cert certificate pem cnonce opaque',
);
/** What makes a `…key` a secret one. */
const OF_KEYS = set(
  'api access secret private auth encryption shared ssh admin rsa license account signing master session host client psk kek hmac cephx wrapped',
);
/** Behind the name of a secret these speak of the same value: `secret_id`, `password_hash`, `AWSAccessKeyId`. */
const VALUE_OF = set('id value hash data string text hex enc encoded encrypted header param');
/** Ends of names that are written in one: `ospassword`, `mytoken`. */
const ENDINGS = ['password', 'passwd', 'passphrase', 'token', 'apikey', 'secret', 'secretkey'];
/** Short options of clients that take a password, a user with one, or a community: `-p`, `-P`, `-u`, `-U`, `-w`, `-c`. */
const FLAGS = set('p P u U w W c');
/** `user=…` and its like: no secret, but nobody's to read. */
const PERSONS = set('user username userid uid login account owner uname member operator');

/** Whether a value follows that must not leave, and how surely; null for any other word. `before` is the word before it, or empty. */
export function secretName(word: string, before: string): Certainty | null {
  if (word.length === 1) return FLAGS.has(word) ? 'flag' : null;
  const parts = segmentsOf(word).flatMap(partsOf);
  let at = parts.length - 1;
  if (at > 0 && VALUE_OF.has(parts[at] ?? '')) at--;
  const name = parts[at] ?? '';
  const previous = at > 0 ? (parts[at - 1] ?? '') : before.toLowerCase();
  if (at === parts.length - 1) {
    if (CERTAIN.has(name) || ENDINGS.some((ending) => name.endsWith(ending))) return 'certain';
    if ((name === 'key' || name === 'keys') && OF_KEYS.has(previous)) return 'certain';
    // `adminPass`, `os_pass`; the word alone is a verb.
    if (name === 'pass' && at > 0) return 'certain';
    // IDENTIFIED BY, of SQL.
    if (name === 'by' && previous === 'identified') return 'certain';
  }
  return CERTAIN.has(name) || LIKELY.has(name) ? 'likely' : null;
}

/** Whether the value behind `=` or `:` is who somebody is. */
export function isPersonName(word: string): boolean {
  return PERSONS.has(segmentsOf(word).flatMap(partsOf).at(-1) ?? '');
}

/** Names whose value is a list of pairs, and goes on behind a comma or semicolon: `Cookie: a=1; b=2`. */
export function isListName(word: string): boolean {
  return /(?:cookies?|authorization|credentials?)$/i.test(word);
}

/** The schemes of HTTP authentication: the credential follows. */
export function isScheme(word: string): boolean {
  return /^(?:basic|bearer|digest|negotiate|token|aws4?(?:-hmac-sha256)?)$/i.test(word);
}

/** Words that may stand between a name and its value: `password is hunter`. */
export const BETWEEN = set('is was as be now equals value new old');
/** With `to` behind them, too: `password set to hunter`. */
export const CHANGED = set('set changed reset updated equal');

/** Words that say something of a secret, and are no value, whatever stands before them: `token: not found`. */
const SAYS = set(
  'a an the and or nor but not no none of for from with without in into on at by to via than that this these those which who when where while ' +
    'because since if so then has have had having are were will would should shall can cannot could couldn must may might do does did done been being ' +
    'it its your you we instead due using used already also again only expired expires expiring expiry expiration invalid valid missing required ' +
    'requires failed fails failure failing found revoked rejected denied refused accepted verified unverified incorrect incorrectly wrong mismatch ' +
    'mismatched supplied provided given specified received issued created creating deleted deleting removed updated updating changed changes reset ' +
    'rotated set unset configured stored cached confirmed passed located completed supported unsupported unavailable available unauthorized disabled ' +
    'enabled empty blank null unknown undefined successfully successful exists exist unable error errors exception deprecated please known submitted proceeding rejecting match matches ' +
    "can't don't won't isn't wasn't doesn't didn't couldn't",
);
/** Things that are named after a secret: `token validation`, `password hash`, `secret store`. Behind `=` or `:` they may be the value. */
const THINGS = set(
  'manager middleware validation verification metadata metadatum discovery driver drivers acl acls data file files id ids ring store stores api access consumer consumers ' +
    'option options trust trusts provider providers caching cache information info method methods pair pairs migration exchange quota quotas ' +
    'certificate certificates storage deletion creation generation rotation repository map mapping name names spec specs algorithm policy policies ' +
    'endpoint endpoints service services server servers request requests response responses header headers body format payload list order orders ' +
    'resource resources functionality contents content model authentication authorization security user users project projects scope scoped ' +
    'unscoped role roles hash hashes hashing field fields string strings length size type types backend backends plugin plugins cleanup flush ' +
    'flushing purge table tables database row rows entry entries group groups version versions lookup fetch renewal refresh lifetime ttl time ' +
    'times limit limits retrieval container containers href key keys token tokens validator validators formatter encryption decryption parameter ' +
    'parameters attribute attributes argument config configuration settings setting management status state check checks checking history revocation ' +
    'revocations event events operation operations object objects ref refs reference references uuid uuids count counts number process auth issue issues',
);

/** Whether a word behind the name of a secret says something of it and is not the secret. */
export function saysOfSecret(word: string, behindMark: boolean): boolean {
  const lower = word.toLowerCase();
  return SAYS.has(lower) || (!behindMark && THINGS.has(lower));
}

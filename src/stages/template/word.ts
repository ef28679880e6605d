import { bitsOf, DIGIT, HEX, LETTER, LOWER, UPPER } from './characters.js';

/** Words of the domain that carry digits and yet name a kind of thing, not one thing. */
const KINDS = new Set(
  (
    'ipv4 ipv6 ip4 ip6 icmp6 icmpv6 dhcp6 dhcpv4 dhcpv6 l2 l3 l2pop ml2 s3 ec2 k8s v1 v2 v3 v4 v6 v1.0 v2.0 v2.1 v3.0 sha1 sha256 sha512 md5 base64 x509 tls1.2 oauth2 saml2 pkcs11 ' +
    'pkcs12 x86 x86_64 amd64 aarch64 qcow2 ext4 nfs4 nfsv3 nfsv4 9p p2p 802.1q utf8 utf-8 i18n python2 python3 py2 py3 http2 sqlite3 rfc1918 eui64 uuid4 lbaasv2 fwaas_v2 iptables_v4 ' +
    '2xx 3xx 4xx 5xx'
  ).split(' '),
);

/** Last parts of names that only hosts have. */
const DOMAINS = new Set(
  'com org net edu io local localdomain internal maas lan cloud domain localhost novalocal openstacklocal example test'.split(' '),
);

/** The longest plain word that a template keeps. */
const LONGEST_WORD = 40;
/** The longest name of an exception, which says more than its length costs. */
const LONGEST_ERROR = 64;

/** What stands for a run of letters, digits and `_-./%@+~`, or null where the word itself stays. */
export function placeholderOf(text: string, start: number, end: number): string | null {
  let digits = 0;
  let letters = 0;
  let hex = 0;
  let dots = 0;
  let dashes = 0;
  let slashes = 0;
  let changes = 0;
  let upper = 0;
  let at = false;
  let cased = 0;
  for (let i = start; i < end; i++) {
    const code = text.charCodeAt(i);
    const bits = bitsOf(code);
    if ((bits & HEX) !== 0) hex++;
    if ((bits & DIGIT) !== 0) digits++;
    else if ((bits & LETTER) !== 0) {
      letters++;
      const now = bits & LETTER;
      if (now === UPPER) upper++;
      if (cased !== 0 && now !== cased) changes++;
      cased = now;
    } else if (code === 46) dots++;
    else if (code === 45) dashes++;
    else if (code === 47) slashes++;
    else if (code === 64) at = true;
  }
  const length = end - start;
  if (at) return length === 1 ? null : '<email>';
  const first = text.charCodeAt(start);
  if (slashes > 0) return pathOf(text, start, end, slashes, digits, letters, dots);
  if (digits === 0) {
    if (length > LONGEST_WORD && (length > LONGEST_ERROR || !isError(text, start, end))) return dots > 1 ? null : '<word>';
    // Letters that change their case at every turn are an encoded value, not a name.
    if (length >= 16 && dots === 0 && changes * 2.5 > length) return '<secret>';
    if (dots > 0 && DOMAINS.has(text.slice(text.lastIndexOf('.', end - 1) + 1, end).toLowerCase())) return '<host>';
    return null;
  }
  if (letters === 0 || (letters <= 3 && (bitsOf(first) & DIGIT) !== 0 && dashes === 0)) {
    if (length < 9 && letters > 0 && KINDS.has(text.slice(start, end).toLowerCase())) return null;
    if (dots === 3 && dashes === 0) return '<ip>';
    if (dashes === 2 && length >= 8 && length <= 10) return '<time>';
    return hex === length && digits >= 9 ? '<id>' : '<num>';
  }
  if (dashes === 2 && length >= 16 && text.charCodeAt(start + 4) === 45 && text.charCodeAt(start + 10) === 84) return '<time>';
  if (length <= 14 && KINDS.has(text.slice(start, end).toLowerCase())) return null;
  // A class of exceptions may count (`S3Error`, `Http404`); what is longer or counts more is a value.
  if (digits <= 3 && upper > 0 && upper < letters && length <= LONGEST_WORD && dashes === 0 && isError(text, start, end)) return null;
  if (length >= 20 && dots === 0 && dashes === 0 && hex < length && changes > 3) return '<secret>';
  if (dots > 0 && letters > digits && hex < letters + digits) return '<host>';
  return '<id>';
}

function isError(text: string, start: number, end: number): boolean {
  const word = text.slice(start, end);
  return ['Error', 'Exception', 'Timeout', 'Failure', 'Failed'].some((ending) => word.endsWith(ending)) || word.startsWith('HTTP');
}

/** `and/or`, `I/O`, `OVS/OVN` are words; what begins with a slash, goes deeper or counts is a path. */
function pathOf(text: string, start: number, end: number, slashes: number, digits: number, letters: number, dots: number): string | null {
  if (letters + digits === 0) return null;
  if (letters === 0) return dots >= 3 ? '<ip>' : '<num>';
  if (text.startsWith('HTTP/', start)) return 'HTTP';
  const first = text.charCodeAt(start);
  if (first === 47 || first === 46 || first === 126 || slashes > 2 || digits > 0 || dots > 1 || end - start > LONGEST_WORD) return '<path>';
  return null;
}

/** Whether a quoted word says what happened: an exception, an errno, a method or a state in capitals. */
export function saysWhatHappened(text: string, start: number, end: number): boolean {
  if (end - start < 3) return false;
  let capitals = 0;
  let letters = 0;
  for (let i = start; i < end; i++) {
    const code = text.charCodeAt(i);
    if ((bitsOf(code) & LETTER) !== 0) letters++;
    else if (code !== 95) return false;
    if ((bitsOf(code) & UPPER) !== 0) capitals++;
  }
  if (capitals === letters) return true;
  const word = text.slice(start, end);
  return capitals > 0 && ['Error', 'Exception', 'Timeout', 'NotFound'].some((ending) => word.endsWith(ending));
}

/** Where the last part of a dotted class name begins (`nova.exception.PortBindingFailed`), else `start`: a class is known by its own name. */
export function classNameAt(text: string, start: number, end: number): number {
  let dot = -1;
  for (let i = end - 1; i >= start; i--) {
    if (text.charCodeAt(i) !== 46) continue;
    dot = i;
    break;
  }
  if (dot <= start || dot + 2 >= end) return start;
  const isClass = (bitsOf(text.charCodeAt(dot + 1)) & UPPER) !== 0 && (bitsOf(text.charCodeAt(dot + 2)) & LOWER) !== 0;
  // The part before the dot is a module: it ends as a lower-case name, which the end of a sentence without its blank does, too.
  return isClass && text.indexOf('_', start) !== dot + 1 ? dot + 1 : start;
}

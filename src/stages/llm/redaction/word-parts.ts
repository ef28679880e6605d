/** The longest run of word characters that is read; what is longer is a value. */
const LONGEST = 120;

function isUpper(code: number): boolean {
  return code >= 65 && code <= 90;
}

function isLower(code: number): boolean {
  return code >= 97 && code <= 122;
}

function isDigit(code: number): boolean {
  return code >= 48 && code <= 57;
}

/**
 * The pieces of a name between all that is neither an ASCII letter nor a digit: `nova.virt.libvirt_driver` gives `nova`, `virt`, `libvirt`, `driver`.
 * No pieces where the name is too long to be one.
 */
export function segmentsOf(name: string): string[] {
  if (name.length > LONGEST) return [];
  return name.split(/[^0-9A-Za-z]+/).filter((segment) => segment !== '');
}

/**
 * A piece without marks as lower-case words, cut where its case changes: `InstanceNotFound` gives `instance`, `not`, `found`; `HTTPError` gives
 * `http`, `error`. Digits belong to what stands before them (`L3Agent`: `l3`, `agent`); `iSCSI`, `IPv6`, `VIFs` stay whole.
 */
export function partsOf(segment: string): string[] {
  const parts: string[] = [];
  let from = 0;
  for (let p = 2; p < segment.length; p++) {
    const code = segment.charCodeAt(p);
    if (!isUpper(code) || p < from + 2) continue;
    const before = segment.charCodeAt(p - 1);
    const isPlural = p + 2 === segment.length && segment.charCodeAt(p + 1) === 115;
    if (!isLower(before) && !isDigit(before) && (isPlural || !isLower(segment.charCodeAt(p + 1)))) continue;
    parts.push(segment.slice(from, p).toLowerCase());
    from = p;
  }
  if (from < segment.length) parts.push(segment.slice(from).toLowerCase());
  return parts;
}

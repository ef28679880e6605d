const SUFFIX = /\.(?:service|socket|timer|mount|automount|scope|slice|target|device|path|swap)$/;

/** Whether a unit's name stands for several. */
export function isPattern(unit: string): boolean {
  return unit.includes('*') || unit.includes('?');
}

/** As journalctl takes a name: one without a suffix is a service's. */
export function fullName(unit: string): string {
  return isPattern(unit) || SUFFIX.test(unit) ? unit : `${unit}.service`;
}

/** Whether a name fits a pattern in which `*` is any text and `?` one character. Takes at most the product of both lengths. */
export function fits(pattern: string, name: string): boolean {
  let p = 0;
  let n = 0;
  let star = -1;
  let from = 0;
  while (n < name.length) {
    const code = pattern[p];
    if (code === '*') {
      star = p++;
      from = n;
    } else if (p < pattern.length && (code === '?' || code === name[n])) {
      p++;
      n++;
    } else if (star >= 0) {
      p = star + 1;
      n = ++from;
    } else return false;
  }
  while (pattern[p] === '*') p++;
  return p === pattern.length;
}

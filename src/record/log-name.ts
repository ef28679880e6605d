import { basename, dirname, join } from 'node:path';

/** A date, perhaps with a time, as rotators append it: `20260302`, `2026-03-02`, `2026-03-02_10-11`; or seconds since the epoch. */
const DATE = String.raw`(?:(?:19|20)\d{2}-?\d{2}-?\d{2}(?:[-_.T]?\d{2}[-:]?\d{2}(?:[-:]?\d{2})?)?|[12]\d{9})`;
/** A plain number must follow a dot: `n-api-2` is a name of its own. */
const SUFFIX = String.raw`(?:\.\d{1,4}|[.-]${DATE})`;
const AT_END = new RegExp(`${SUFFIX}$`);
/** logrotate's `extension` keeps `.log` last: `nova-20260302.log`. */
const BEFORE_EXTENSION = new RegExp(String.raw`${SUFFIX}(\.(?:log|txt))$`);

/** The file name without what rotation appended: `nova.log` of `nova.log.2.gz`, `nova.log-20260302` and `nova-20260302.log`. */
function withoutRotation(name: string): string {
  let rest = isGzip(name) ? name.slice(0, -3) : name;
  const cut = rest.replace(AT_END, '');
  // `log.1` may be rotated, `1` alone or `.1` is not a suffix of anything.
  if (cut.length > 1) rest = cut;
  return rest.replace(BEFORE_EXTENSION, '$1');
}

/** Folder and unrotated name: equal for files that may hold earlier content of each other. Whether they do, only their content says. */
export function familyOf(path: string): string {
  return join(dirname(path), withoutRotation(basename(path)));
}

export function isGzip(name: string): boolean {
  return name.endsWith('.gz');
}

/** The program that writes this file, as far as its name tells: `nova-compute` of `nova-compute.log.1`, `n-api` of devstack's `screen-n-api.txt`. */
export function programOf(path: string): string {
  const name = withoutRotation(basename(path));
  const stem = name.replace(/\.(?:log|txt|out|err)$/, '');
  const program = stem.replace(/^screen-(?=.)/, '');
  return program === '' ? name : program;
}

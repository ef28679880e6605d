const SUFFIX = /\.(?:service|socket|timer|mount|automount|scope|slice|target|device|path|swap)$/;

/** Whether a unit's name stands for several. */
export function isPattern(unit: string): boolean {
  return unit.includes('*') || unit.includes('?');
}

/** As journalctl takes a name: one without a suffix is a service's. */
export function fullName(unit: string): string {
  return isPattern(unit) || SUFFIX.test(unit) ? unit : `${unit}.service`;
}

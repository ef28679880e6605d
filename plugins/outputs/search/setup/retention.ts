/** How long indices are kept, in whole days after they are written no more; null for ever. */
export type RetentionDays = number | null;

/** Reads `30d` or `none`. Undefined for anything else. */
export function readRetention(text: string): RetentionDays | undefined {
  if (text === 'none') return null;
  const days = /^([1-9]\d{0,4})d$/.exec(text)?.[1];
  return days === undefined ? undefined : Number(days);
}

/** Where indices are kept for a few weeks only, one that spans a week would keep its first day for too long. */
const FEW_DAYS = 28;

/** How old an index gets before the next is begun, in days. */
export function rolloverDays(retention: RetentionDays): number {
  return retention !== null && retention < FEW_DAYS ? 1 : 7;
}

/** When a tap writes, and how many records then. */
export interface Pace {
  /** Between two writes, in milliseconds. */
  readonly intervalMs: number;
  /** Of the intervals in turn; any that last a second together come to the rate. */
  readonly quotas: readonly number[];
}

const INTERVALS = 4;

/** Four intervals a second, where there is a record for each; else as many as records. @param rate records a second, 1 at least. */
export function paceOf(rate: number): Pace {
  const intervals = Math.min(INTERVALS, rate);
  const until = (interval: number): number => Math.floor((rate * interval) / intervals);
  return { intervalMs: 1000 / intervals, quotas: Array.from({ length: intervals }, (_, i) => until(i + 1) - until(i)) };
}

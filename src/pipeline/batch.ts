import type { LogRecord } from '../record/record.js';
import type { Source } from '../record/source.js';

/** Records of one source that travel together, in the order in which they came. */
export interface Batch {
  readonly source: Source;
  readonly records: readonly LogRecord[];
  /** About what the records take until they are stored, for the bound on what is in flight. */
  readonly bytes: number;
  /** Where reading may go on once these records, and all before them, are stored. */
  readonly resumeAt: number;
}

/** The time of the last record that has one, in milliseconds since the epoch; NaN where none has. */
export function lastTimeOf(records: Batch['records']): number {
  return records.findLast(({ timestamp }) => !Number.isNaN(timestamp))?.timestamp ?? Number.NaN;
}

import type { Source } from '../../../src/record/source.js';
import type { Batch } from './batch.js';

/** Messages of records of one source. */
export interface TiedBatch {
  readonly batch: Batch;
  /** Null where there were no records. */
  readonly source: Source | null;
  /** Position of the last record in its source. */
  readonly last: number;
}

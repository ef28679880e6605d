import type { z } from 'zod';
import type { ComponentContext } from './contract.js';

/** A row as it was written, by anybody. */
export interface TableRow {
  /** Empty where there was none. */
  readonly key: string;
  /** Null: the row is taken away. */
  readonly value: Buffer | null;
  /** Rows of a part come in their order; between parts there is none. A key has its part, as long as all writers place keys alike. */
  readonly part: number;
}

/**
 * A table that many agents share, and that outlives them: of each key the last value counts. Every agent hears all of it, what it wrote itself
 * too, in the same order.
 */
export interface SharedTable {
  /**
   * Begins to read, and goes on until it is closed, whatever becomes of the other side: that cannot be reached is no error. Each row that is there
   * and that comes is told to `hear`, which must not throw.
   * @throws TrilogError where it can never be read, as it is configured.
   */
  open(hear: (row: TableRow) => void): Promise<void>;
  /** Resolves when all that was there at the start was told, when that takes too long, or when it is closed. Never rejects. */
  readonly caughtUp: Promise<void>;
  /** Writes a row by and by, over what waits for the same key. Never blocks and never throws; a row is lost where the process ends before. */
  put(key: string, value: string): void;
  /** What waits to be written for a key is not written any more. */
  drop(key: string): void;
  /** Says whether the other side can be reached, and has the table. @throws with what is wrong. */
  check(signal: AbortSignal): Promise<void>;
  /** Tells nothing any more from the call on. What waits is written where that is soon done. */
  close(): Promise<void>;
}

/** What an agent lends to a table. */
export type TableContext = Pick<ComponentContext, 'configDir' | 'log' | 'count'>;

/** A kind of table. The schema is its only definition, as a plugin's is. */
export interface TablePlugin<Config> {
  readonly config: z.ZodType<Config>;
  /** Imports what it needs only now: most agents share nothing. */
  create(config: Config, context: TableContext): Promise<SharedTable>;
}

import type { LogRecord } from '../record/record.js';

/** A record of which a person said what it is. */
export interface Labelled {
  readonly record: LogRecord;
  readonly label: string;
  /** A second label that is right as well; null where there is none. */
  readonly alt: string | null;
  /** The log that it is from, as far as the labels file says. */
  readonly origin: string;
  /** Line of the labels file, from 1. */
  readonly line: number;
}

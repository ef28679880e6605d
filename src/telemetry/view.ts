import type { Lag } from '../plugin/contract.js';
import type { LogRecord } from '../record/record.js';
import type { Tally } from './tally.js';

/** An input as it stands. */
export interface InputView {
  readonly name: string;
  readonly type: string;
  /** What it has not stored yet; null where it does not know. Made when asked for. */
  readonly lag: Lag | null;
  /** The time in the newest record that every output has stored, never later than when that was; null before the first. */
  readonly newest: number | null;
}

/** An output as it stands. */
export interface OutputView {
  readonly name: string;
  readonly type: string;
  /** Records that it was given and has not settled. */
  readonly queued: number;
  /** Why its last write failed; null when none has since one went through. */
  readonly failing: { readonly reason: string; readonly since: number } | null;
}

/** What an agent shows of itself. Times are milliseconds since the epoch. */
export interface AgentView {
  /** The name of the machine in its records. */
  readonly host: string;
  readonly tally: Tally;
  readonly startedAt: number;
  readonly state: 'starting' | 'running' | 'stopping';
  readonly inFlight: { readonly bytes: number; readonly maxBytes: number };
  readonly inputs: readonly InputView[];
  readonly outputs: readonly OutputView[];
}

/** Who is told how long something took, in seconds, and what leaves. */
export interface Probe {
  /** Records that are labelled, as far as they will be, and go to the outputs; they are not kept. */
  leaving(records: readonly LogRecord[]): void;
  settled(input: string, seconds: number): void;
  classified(seconds: number): void;
}

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
  /** A write is under way or tried again, or waits on purpose for more. */
  readonly atWork: boolean;
  /** Why its last write failed; null when none has since one went through. */
  readonly failing: { readonly reason: string; readonly since: number } | null;
}

/** What an agent shows of itself. Times are milliseconds since the epoch. */
export interface AgentView {
  /** The name of the machine in its records. */
  readonly host: string;
  readonly tally: Tally;
  /** All that its records can get; none while that is not known yet. */
  readonly labels: () => readonly string[];
  readonly startedAt: number;
  readonly state: 'starting' | 'running' | 'stopping';
  /** What is in its own hands: batches that are being classified or wait for room in flight, and how often something went a step further. */
  readonly work: { readonly steps: number; readonly classifying: number; readonly waiting: number };
  readonly inFlight: { readonly bytes: number; readonly maxBytes: number };
  readonly inputs: readonly InputView[];
  readonly outputs: readonly OutputView[];
}

/** Who is told of the turns in an agent's life. */
export interface AgentWatcher {
  /** All inputs and outputs are open. */
  running(view: AgentView): void;
  /** It reads no more, and lets the outputs finish. */
  stopping(): void;
}

/** Who is told how long something took, in seconds, and what leaves. */
export interface Probe {
  /** Records that are labelled, as far as they will be, and go to the outputs; they are not kept. */
  leaving(records: readonly LogRecord[]): void;
  settled(input: string, seconds: number): void;
  classified(seconds: number): void;
}

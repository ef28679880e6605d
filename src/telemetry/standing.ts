import { hostname } from 'node:os';
import type { Input, Lag } from '../plugin/contract.js';
import type { Tally } from './tally.js';
import type { AgentView, InputView, OutputView } from './view.js';
import { Work } from './work.js';

/** How an input fares. */
export class InputStanding implements InputView {
  newest: number | null = null;
  #input: Pick<Input, 'lag'> | null = null;

  constructor(
    readonly name: string,
    readonly type: string,
    readonly now: () => number = Date.now,
  ) {}

  get lag(): Lag | null {
    try {
      return this.#input?.lag?.() ?? null;
    } catch {
      // A plugin's: whoever looks must not be what ends the agent.
      return null;
    }
  }

  /** From now on it is asked for its lag. */
  opened(input: Pick<Input, 'lag'>): void {
    this.#input = input;
  }

  /** @param time of the last record of what was stored, in milliseconds since the epoch; NaN where no record has one. */
  settled(time: number): void {
    // Log text may say any time: one that is still to come must not hide what comes after it.
    const newest = Math.min(time, this.now());
    if (newest > (this.newest ?? Number.NEGATIVE_INFINITY)) this.newest = newest;
  }
}

/** How an output fares, told by its delivery. */
export class OutputStanding implements OutputView {
  failing: OutputView['failing'] = null;
  #queued: () => number = () => 0;
  #atWork: () => boolean = () => true;

  constructor(
    readonly name: string,
    readonly type: string,
    readonly now: () => number = Date.now,
  ) {}

  get queued(): number {
    return this.#queued();
  }

  get atWork(): boolean {
    return this.#atWork();
  }

  /** Both are asked whenever somebody looks. */
  hasQueue(queued: () => number, atWork: () => boolean = () => true): void {
    this.#queued = queued;
    this.#atWork = atWork;
  }

  failed(reason: string): void {
    this.failing = { reason, since: this.failing?.since ?? this.now() };
  }

  wrote(): void {
    this.failing = null;
  }
}

/** How an agent stands, for whoever looks at it. */
export class Standing implements AgentView {
  readonly startedAt = Date.now();
  state: AgentView['state'] = 'starting';
  /** Those that there are: a reload may replace them. */
  inputs: readonly InputStanding[] = [];
  outputs: readonly OutputStanding[] = [];
  readonly work = new Work();
  labels: AgentView['labels'] = () => [];

  constructor(
    readonly tally: Tally,
    readonly inFlight: AgentView['inFlight'],
    readonly host = hostname(),
  ) {}
}

import type { Tally } from './tally.js';
import type { AgentView, OutputView } from './view.js';

/** How an output fares, told by its delivery. */
export class OutputStanding implements OutputView {
  failing: OutputView['failing'] = null;
  #queued: () => number = () => 0;

  constructor(
    readonly name: string,
    readonly type: string,
    readonly now: () => number = Date.now,
  ) {}

  get queued(): number {
    return this.#queued();
  }

  /** @param queued asked whenever somebody looks. */
  hasQueue(queued: () => number): void {
    this.#queued = queued;
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
  readonly outputs: OutputStanding[] = [];

  constructor(
    readonly tally: Tally,
    readonly inputs: AgentView['inputs'],
    readonly inFlight: AgentView['inFlight'],
  ) {}
}

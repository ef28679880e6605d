import type { Tally } from './tally.js';
import type { AgentView, OutputView } from './view.js';
import { Work } from './work.js';

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
  readonly outputs: OutputStanding[] = [];
  readonly work = new Work();

  constructor(
    readonly tally: Tally,
    readonly inputs: AgentView['inputs'],
    readonly inFlight: AgentView['inFlight'],
  ) {}
}

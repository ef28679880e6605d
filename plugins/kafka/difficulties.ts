import type { ComponentLog } from '../../src/plugin/contract.js';
import type { Fault } from './words.js';

/** What of a difficulty there is to say, beside its reason. */
export interface Sayings {
  readonly absent: string;
  readonly missing: string;
  readonly refused: string;
  readonly over: string;
}

/** Says what keeps Kafka from working: each kind once, until it is over. */
export class Difficulties {
  readonly #told = new Set<Fault['kind']>();

  constructor(
    readonly log: ComponentLog,
    readonly sayings: Sayings,
  ) {}

  /** There is one that was told, and is not over. */
  get any(): boolean {
    return this.#told.size > 0;
  }

  tell({ kind, text }: Fault): void {
    const absent = kind === 'unreachable' || kind === 'hangs_up';
    // That no broker can be reached follows from every other.
    if (this.#told.has(kind) || (absent && this.#told.size > 0)) return;
    this.#told.add(kind);
    if (absent) this.log.warn(this.sayings.absent, { reason: text });
    else if (kind === 'topic_missing') this.log.warn(this.sayings.missing, { reason: text });
    else this.log.error(this.sayings.refused, { reason: text });
  }

  /** It works. */
  over(): void {
    if (this.#told.size === 0) return;
    this.#told.clear();
    this.log.info(this.sayings.over);
  }
}

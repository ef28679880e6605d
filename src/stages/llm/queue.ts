import type { EntryKey, LlmAnswer } from '../memory/entry.js';
import type { ShownExample } from './prompt.js';

/** A template that waits for its label. */
export interface Waiting {
  readonly key: EntryKey;
  /** What the model is shown of it. */
  readonly text: string;
  /** Labelled templates that are near; null until it was first looked for them. */
  examples: readonly ShownExample[] | null;
  /** It shares no request with others. */
  alone: boolean;
  /** How often a request with it failed of the endpoint. */
  failures: number;
  /** Whether the template has an answer from elsewhere by now. */
  readonly isKnown: () => boolean;
  /** Called once; null where it was not answered, and may be asked again. */
  readonly settle: (answer: LlmAnswer | null) => void;
}

/** The line before the endpoint. */
export class Queue {
  readonly #waiting: Waiting[] = [];

  constructor(readonly perRequest: number) {}

  get length(): number {
    return this.#waiting.length;
  }

  /** Whether a request would be full. */
  get full(): boolean {
    return this.#waiting.length >= this.perRequest;
  }

  add(waiting: Waiting): void {
    this.#waiting.push(waiting);
  }

  /** What goes together in the next request: the one that waits longest, and where it may have company those behind it that may, too. */
  take(): Waiting[] {
    const [first] = this.#waiting;
    if (first === undefined) return [];
    const taken = first.alone ? [first] : this.#waiting.filter(({ alone }) => !alone).slice(0, this.perRequest);
    const gone = new Set(taken);
    this.#waiting.splice(0, this.#waiting.length, ...this.#waiting.filter((waiting) => !gone.has(waiting)));
    return taken;
  }

  /** What waits for exactly this template, which then waits no more; null where nothing does. */
  remove({ logger, level, template }: EntryKey): Waiting | null {
    const at = this.#waiting.findIndex(({ key }) => key.template === template && key.logger === logger && key.level === level);
    return at < 0 ? null : (this.#waiting.splice(at, 1)[0] ?? null);
  }

  /** Everything that waits, which then waits no more. */
  clear(): Waiting[] {
    return this.#waiting.splice(0);
  }
}

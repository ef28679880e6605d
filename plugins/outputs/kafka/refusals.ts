import { createHash } from 'node:crypto';

/** What to do with a message. */
export type Verdict = { readonly kind: 'send' } | { readonly kind: 'alone' } | { readonly kind: 'dead'; readonly reason: string };

const SEND: Verdict = { kind: 'send' };
const ALONE: Verdict = { kind: 'alone' };

/**
 * Messages that a broker refused for their size or as invalid. It refuses a whole batch, and with it goes the transaction: when they come again each is
 * sent alone, and one that is refused alone is dead. They are known again by their bytes.
 */
export class Refusals {
  readonly #verdicts = new Map<string, Verdict>();
  /** Those that came again in the transaction that is open. */
  readonly #met = new Set<string>();

  of(value: Buffer): Verdict {
    if (this.#verdicts.size === 0) return SEND;
    const name = nameOf(value);
    const verdict = this.#verdicts.get(name);
    if (verdict === undefined) return SEND;
    this.#met.add(name);
    return verdict;
  }

  refused(value: Buffer, wasAlone: boolean, reason: string): void {
    this.#verdicts.set(nameOf(value), wasAlone ? { kind: 'dead', reason } : ALONE);
  }

  /** What came again is stored, or dead and stored as such. */
  committed(): void {
    for (const name of this.#met) this.#verdicts.delete(name);
    this.#met.clear();
  }

  /** All that was sent will come again. */
  aborted(): void {
    this.#met.clear();
  }
}

function nameOf(value: Buffer): string {
  return createHash('sha256').update(value).digest('base64');
}

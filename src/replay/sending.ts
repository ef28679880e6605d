import { encodedBy, writtenBy } from '../pipeline/output-steps.js';
import type { RetryOptions } from '../pipeline/retry.js';
import type { Output } from '../plugin/contract.js';
import { attribute } from './attribution.js';
import type { Letter, LetterRecords } from './letter.js';

/** What became of some letters. */
export interface Sent {
  /** They are where they belong. */
  readonly stored: readonly Letter[];
  /** Why each was refused once more. */
  readonly refused: readonly string[];
  /** Letters of a write of which the output refused a part without saying which: they count as refused. */
  readonly unclear: number;
}

/** Sends letters to one output, in order, as the agent does with records. */
export class Sending {
  constructor(
    readonly name: string,
    readonly output: Output,
    readonly records: LetterRecords,
    readonly retry: RetryOptions,
  ) {}

  /** Tries until it works. @throws the signal's reason, and TrilogError `PLUGIN_BROKEN` */
  async send(letters: readonly Letter[]): Promise<Sent> {
    const pairs = letters.map((letter) => ({ letter, record: this.records.recordOf(letter) }));
    const { parcels, unfit } = encodedBy(
      this.output,
      pairs.map(({ record }) => record),
    );
    const refused = [...unfit.values()];
    const written = pairs.filter((_, i) => !unfit.has(i));
    if (written.length === 0) return { stored: [], refused, unclear: 0 };
    const rejections = await writtenBy(this.output, this.name, parcels, this.retry);
    const found = attribute(
      written.map(({ record: { id, message } }) => ({ id, message })),
      rejections,
    );
    refused.push(...found.refused.values(), ...found.unknown.map(({ reason }) => reason));
    const stored = written.filter((_, i) => !found.refused.has(i)).map(({ letter }) => letter);
    if (found.unknown.length === 0) return { stored, refused, unclear: 0 };
    return { stored: [], refused, unclear: Math.max(0, stored.length - found.unknown.length) };
  }
}

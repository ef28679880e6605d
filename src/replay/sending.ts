import { TrilogError } from '../errors.js';
import { areRejections } from '../pipeline/delivery.js';
import { type RetryOptions, untilItWorks } from '../pipeline/retry.js';
import type { Output } from '../plugin/contract.js';
import type { LogRecord } from '../record/record.js';
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
    const { encoded, written, refused } = this.#encode(letters);
    if (written.length === 0) return { stored: [], refused, unclear: 0 };
    const { signal } = this.retry;
    const rejections: unknown = await untilItWorks(async () => (await this.output.write(encoded, signal)) ?? [], this.retry);
    if (!areRejections(rejections))
      throw new TrilogError('PLUGIN_BROKEN', `output ${this.name}: write() resolved to something else than a list of { document, reason }`);
    const found = attribute(
      written.map(({ record: { id, message } }) => ({ id, message })),
      rejections,
    );
    refused.push(...found.refused.values(), ...found.unknown.map(({ reason }) => reason));
    const stored = written.filter((_, i) => !found.refused.has(i)).map(({ letter }) => letter);
    if (found.unknown.length === 0) return { stored, refused, unclear: 0 };
    return { stored: [], refused, unclear: Math.max(0, stored.length - found.unknown.length) };
  }

  #encode(letters: readonly Letter[]): {
    encoded: unknown[];
    written: { letter: Letter; record: Pick<LogRecord, 'id' | 'message'> }[];
    refused: string[];
  } {
    const pairs = letters.map((letter) => ({ letter, record: this.records.recordOf(letter) }));
    try {
      return { encoded: [this.output.encode(pairs.map(({ record }) => record))], written: pairs, refused: [] };
    } catch {
      const encoded: unknown[] = [];
      const written: typeof pairs = [];
      const refused: string[] = [];
      for (const pair of pairs) {
        try {
          encoded.push(this.output.encode([pair.record]));
          written.push(pair);
        } catch (error) {
          refused.push(`could not be encoded: ${error instanceof Error ? error.message : String(error)}`);
        }
      }
      return { encoded, written, refused };
    }
  }
}

import type { Letter } from './letter.js';

/** Letters that are written together, at most. */
const MOST = 1000;

/** Collects letters by the output to which they go, each in order. */
export class Batches {
  readonly #open = new Map<string, { letters: Letter[]; bytes: number }>();

  /** `maxBytes`: size at which a batch is full. */
  constructor(readonly maxBytes: number) {}

  /** The output's batch where this letter has filled it; null where there is room for more. */
  add(output: string, letter: Letter): readonly Letter[] | null {
    const batch = this.#open.get(output) ?? { letters: [], bytes: 0 };
    this.#open.set(output, batch);
    batch.letters.push(letter);
    batch.bytes += letter.bytes;
    if (batch.letters.length < MOST && batch.bytes < this.maxBytes) return null;
    this.#open.delete(output);
    return batch.letters;
  }

  /** What is not full. */
  rest(): [output: string, letters: readonly Letter[]][] {
    return [...this.#open].map(([output, { letters }]) => [output, letters]);
  }
}

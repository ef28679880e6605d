import type { EntryKey } from '../memory/entry.js';
import { type LabelledExample, labelledExamples } from '../rules/labelled-examples.js';
import type { LoadedRule } from '../rules/load.js';
import type { ShownExample } from './prompt.js';
import { unit } from './vectors.js';

/** Texts that the encoder is given at a time: templates of records that wait for BERT go between. */
const TOGETHER = 64;

/** What is near to what. */
export interface Encoder {
  /** What the encoder makes of a text; null where it makes nothing. */
  readonly embed: (text: string) => Promise<Float32Array | null>;
  /** What it made of a text before this process began; null where that is not known. */
  readonly known: (text: string) => Float32Array | null;
}

/** Labelled templates that are like another: the examples of the rules, of the user's own too, near by the cosine of the encoder's outputs. */
export class NearestExamples {
  #placed: Promise<readonly Placed[]> | null = null;

  constructor(
    readonly rules: readonly LoadedRule[],
    readonly encoder: Encoder,
    /** What may leave of a template. */
    readonly show: (key: EntryKey) => string,
  ) {}

  /** The nearest of them, the nearest first; none where there is no encoder. @param text that the encoder reads of the template. */
  async near(text: string, count: number): Promise<ShownExample[]> {
    if (count === 0) return [];
    const vector = await this.encoder.embed(text);
    if (vector === null) return [];
    // Made when it is first needed: most agents never ask.
    this.#placed ??= this.#place();
    return nearest(await this.#placed, unit(vector), count).map(({ key, label }) => ({ text: this.show(key), label }));
  }

  async #place(): Promise<readonly Placed[]> {
    const { embed, known } = this.encoder;
    const placed: Placed[] = [];
    const unread: LabelledExample[] = [];
    for (const example of labelledExamples(this.rules)) {
      const at = known(example.text);
      if (at === null) unread.push(example);
      else placed.push({ example, at });
    }
    for (let i = 0; i < unread.length; i += TOGETHER) {
      const together = unread.slice(i, i + TOGETHER);
      const read = await Promise.all(together.map(({ text }) => embed(text)));
      for (const [j, example] of together.entries()) {
        const at = read[j] ?? null;
        if (at !== null) placed.push({ example, at: unit(at) });
      }
    }
    return placed;
  }
}

/** An example, and where the encoder puts it: a vector of length one. */
interface Placed {
  readonly example: LabelledExample;
  readonly at: Float32Array;
}

/** @param at of length one. */
function nearest(placed: readonly Placed[], at: Float32Array, count: number): LabelledExample[] {
  const best: { readonly likeness: number; readonly example: LabelledExample }[] = [];
  for (const { example, at: there } of placed) {
    const likeness = dot(there, at);
    if (best.length === count && likeness <= (best.at(-1)?.likeness ?? 0)) continue;
    const rank = best.findIndex((other) => other.likeness < likeness);
    best.splice(rank < 0 ? best.length : rank, 0, { likeness, example });
    if (best.length > count) best.pop();
  }
  return best.map(({ example }) => example);
}

/** Four sums beside each other: one alone would wait for each addition before the next. Beyond the end there is nothing to add. */
function dot(a: Float32Array, b: Float32Array): number {
  let w = 0;
  let x = 0;
  let y = 0;
  let z = 0;
  for (let i = 0; i < a.length; i += 4) {
    w += (a[i] ?? 0) * (b[i] ?? 0);
    x += (a[i + 1] ?? 0) * (b[i + 1] ?? 0);
    y += (a[i + 2] ?? 0) * (b[i + 2] ?? 0);
    z += (a[i + 3] ?? 0) * (b[i + 3] ?? 0);
  }
  return w + x + y + z;
}

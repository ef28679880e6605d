import { exampleRecord } from '../rules/examples.js';
import type { LoadedRule } from '../rules/load.js';
import { questionOf } from '../template/question.js';
import type { ShownExample } from './prompt.js';

/** Texts that the encoder is given at a time: templates of records that wait for BERT go between. */
const TOGETHER = 64;

interface Example {
  readonly label: string;
  /** What the encoder reads. */
  readonly text: string;
  readonly shown: string;
}

/** What the encoder makes of a text; null where it makes nothing. */
export type Embed = (text: string) => Promise<Float32Array | null>;

/** Labelled templates that are like another: the examples of the rules, of the user's own too, near by the cosine of the encoder's outputs. */
export class NearestExamples {
  #index: Promise<Index> | null = null;

  constructor(
    readonly rules: readonly LoadedRule[],
    readonly embed: Embed,
    /** What may leave of a template: an example of a user's rule may hold what nobody else may see. */
    readonly show: (level: string, logger: string, template: string) => string,
  ) {}

  /** The nearest of them, the nearest first; none where there is no encoder. @param text that the encoder reads of the template. */
  async near(text: string, count: number): Promise<ShownExample[]> {
    if (count === 0) return [];
    const at = await this.embed(text);
    if (at === null) return [];
    // Made when it is first needed: most agents ask for little, and it takes the encoder seconds.
    this.#index ??= this.#build();
    return (await this.#index).nearest(at, count).map(({ shown, label }) => ({ text: shown, label }));
  }

  async #build(): Promise<Index> {
    const examples = new Map<string, Example>();
    for (const { rule } of this.rules) {
      for (const example of rule.examples.match) {
        const { key, text } = questionOf(exampleRecord(rule, example));
        if (!examples.has(text)) examples.set(text, { label: rule.label, text, shown: this.show(key.level, key.logger, key.template) });
      }
    }
    const index = new Index();
    const all = [...examples.values()];
    for (let i = 0; i < all.length; i += TOGETHER) {
      const together = all.slice(i, i + TOGETHER);
      const embedded = await Promise.all(together.map(({ text }) => this.embed(text)));
      for (const [j, example] of together.entries()) index.add(example, embedded[j] ?? null);
    }
    return index;
  }
}

class Index {
  readonly #examples: { readonly example: Example; readonly at: Float32Array }[] = [];

  add(example: Example, at: Float32Array | null): void {
    if (at !== null) this.#examples.push({ example, at: unit(at) });
  }

  nearest(to: Float32Array, count: number): Example[] {
    const there = unit(to);
    return this.#examples
      .map(({ example, at }) => ({ example, likeness: dot(at, there) }))
      .sort((a, b) => b.likeness - a.likeness)
      .slice(0, count)
      .map(({ example }) => example);
  }
}

function unit(vector: Float32Array): Float32Array {
  const length = Math.sqrt(dot(vector, vector));
  return length === 0 ? vector : vector.map((value) => value / length);
}

function dot(a: Float32Array, b: Float32Array): number {
  let sum = 0;
  for (let i = 0; i < a.length; i++) sum += (a[i] ?? 0) * (b[i] ?? 0);
  return sum;
}

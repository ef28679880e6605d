import type { Features } from '../stages/bert/classifier.js';
import { applyHead, type Head } from '../stages/bert/head.js';
import type { ModelFolder } from '../stages/bert/model-folder.js';

/** Widths of what a layer reads. */
export type Widths = Pick<Head, 'pooled' | 'logits'>;

/** The last layer that a model has already: what is taught comes on top of its answers, so that what nobody teaches stays as it was. */
export class BaseLayer {
  /** Of each new label its row in the model's own; -1 where the model does not know it. */
  readonly #rows: readonly number[];

  constructor(
    readonly model: Pick<ModelFolder, 'labels' | 'temperature' | 'head'>,
    readonly labels: readonly string[],
  ) {
    this.#rows = labels.map((label) => model.labels.indexOf(label));
  }

  /** The model's own logits, over its own labels. */
  own({ pooled, logits }: Features): Float32Array {
    return this.model.head === null ? logits : applyHead(this.model.head, pooled, logits);
  }

  /** What it says of the new labels, calibrated; nothing (0) of those that it does not know. */
  offsets(features: Features): Float64Array {
    const own = this.own(features);
    return Float64Array.from(this.#rows, (row) => (row < 0 ? 0 : (own[row] ?? 0) / this.model.temperature));
  }

  /** How likely the new labels are to it, as shares of 1; null where it knows none of them. */
  probabilities(features: Features): Float64Array | null {
    const offsets = this.offsets(features);
    const highest = Math.max(...offsets.filter((_, label) => this.#knows(label)));
    if (!Number.isFinite(highest)) return null;
    const weights = offsets.map((offset, label) => (this.#knows(label) ? Math.exp(offset - highest) : 0));
    const total = weights.reduce((sum, weight) => sum + weight, 0);
    return weights.map((weight) => weight / total);
  }

  #knows(label: number): boolean {
    return (this.#rows[label] ?? -1) >= 0;
  }

  /** Adds it to weights over the same features, laid out as those of a {@link Head}. */
  addTo(weights: Float64Array, { pooled, logits }: Widths): void {
    const stride = pooled + logits + 1;
    const { head, temperature } = this.model;
    for (const [label, row] of this.#rows.entries()) {
      if (row < 0) continue;
      const add = (at: number, value: number): void => {
        weights[label * stride + at] = (weights[label * stride + at] ?? 0) + value / temperature;
      };
      if (head === null) add(pooled + row, 1);
      else for (let i = 0; i < stride; i++) add(i, head.weights[row * stride + i] ?? 0);
    }
  }
}

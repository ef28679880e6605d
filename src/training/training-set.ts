import type { Features } from '../stages/bert/classifier.js';
import type { BaseLayer } from './base-layer.js';
import type { Example } from './example.js';
import type { Problem } from './layer-loss.js';
import { type Scale, scaled, scaleOf } from './scale.js';

/** How much of an example with a second label is of each. */
const SHARES = { first: 0.75, second: 0.25 };

/** An example as numbers. */
export interface Row {
  readonly example: Example;
  readonly features: Features;
  /** Pooled output and logits, scaled. */
  readonly input: Float64Array;
  /** What the model says of each label before anything is taught. */
  readonly offsets: Float64Array;
  /** How much of the example is of each label. */
  readonly target: Float64Array;
}

export interface TrainingSet {
  readonly rows: readonly Row[];
  readonly scale: Scale;
}

/** @param features of each example. @param layer the one that is there before. */
export function trainingSet(examples: readonly Example[], features: readonly Features[], layer: BaseLayer): TrainingSet {
  const plain = features.map(({ pooled, logits }) => Float64Array.from([...pooled, ...logits]));
  const scale = scaleOf(plain, plain[0]?.length ?? 0);
  const rows = examples.flatMap((example, i) => {
    const [found, row] = [features[i], plain[i]];
    if (found === undefined || row === undefined) return [];
    return [
      { example, features: found, input: scaled(row, scale), offsets: layer.offsets(found), target: targetOf(example, layer.labels) },
    ];
  });
  return { rows, scale };
}

function targetOf({ label, alt }: Example, labels: readonly string[]): Float64Array {
  const target = new Float64Array(labels.length);
  const second = alt === null ? -1 : labels.indexOf(alt);
  target[labels.indexOf(label)] = second < 0 ? 1 : SHARES.first;
  if (second >= 0) target[second] = SHARES.second;
  return target;
}

/** What a layer is to be fitted on. */
export function problemOf(rows: readonly Row[], l2: number): Problem {
  const flat = (part: (row: Row) => Float64Array): { all: Float64Array; width: number } => {
    const width = rows[0] === undefined ? 0 : part(rows[0]).length;
    const all = new Float64Array(rows.length * width);
    for (const [i, row] of rows.entries()) all.set(part(row), i * width);
    return { all, width };
  };
  const features = flat(({ input }) => input);
  const targets = flat(({ target }) => target);
  return {
    ...{ examples: rows.length, width: features.width, labels: targets.width, l2 },
    ...{ features: features.all, offsets: flat(({ offsets }) => offsets).all, targets: targets.all },
  };
}

import type { Features } from '../stages/bert/classifier.js';
import type { BaseLayer } from './base-layer.js';
import type { Example } from './example.js';
import type { Problem } from './layer-loss.js';
import { type Scale, scaled, scaleOf } from './scale.js';

/** How much of an example with a second label is of each. */
const SHARES = { first: 0.75, second: 0.25 };

/** A text as numbers. */
export interface Row {
  readonly features: Features;
  /** Pooled output and logits, scaled. */
  readonly input: Float64Array;
  /** What the model says of each label before anything is taught. */
  readonly offsets: Float64Array;
  /** How much of the text is of each label. */
  readonly target: Float64Array;
}

/** A text of which a person said what it is. */
export interface ExampleRow extends Row {
  readonly example: Example;
}

export interface TrainingSet {
  readonly examples: readonly ExampleRow[];
  /** Texts of which the layer is to go on saying what the model says of them; none where the model knows none of the labels. */
  readonly rehearsed: readonly Row[];
  readonly scale: Scale;
}

/** @param features of each example. @param rehearsal of other texts. @param layer the one that is there before. */
export function trainingSet(
  examples: readonly Example[],
  features: readonly Features[],
  rehearsal: readonly Features[],
  layer: BaseLayer,
): TrainingSet {
  const scale = scaleOf(features.map(inputOf));
  const rowOf = (found: Features, target: Float64Array): Row => ({
    ...{ features: found, input: scaled(inputOf(found), scale), offsets: layer.offsets(found), target },
  });
  const rows = examples.flatMap((example, i) => {
    const found = features[i];
    return found === undefined ? [] : { example, ...rowOf(found, targetOf(example, layer.labels)) };
  });
  const rehearsed = rehearsal.flatMap((found) => {
    const target = layer.probabilities(found);
    return target === null ? [] : rowOf(found, target);
  });
  return { examples: rows, rehearsed, scale };
}

function inputOf({ pooled, logits }: Features): Float64Array {
  return Float64Array.from([...pooled, ...logits]);
}

function targetOf({ label, alt }: Example, labels: readonly string[]): Float64Array {
  const target = new Float64Array(labels.length);
  const second = alt === null ? -1 : labels.indexOf(alt);
  target[labels.indexOf(label)] = second < 0 ? 1 : SHARES.first;
  if (second >= 0) target[second] = SHARES.second;
  return target;
}

/** What a layer is to be fitted on: all examples together count as much as all that is rehearsed, or more where there are more of them. */
export function problemOf(examples: readonly Row[], rehearsed: readonly Row[], l2: number): Problem {
  const rows = [...examples, ...rehearsed];
  const flat = (part: (row: Row) => Float64Array): { all: Float64Array; width: number } => {
    const width = rows[0] === undefined ? 0 : part(rows[0]).length;
    const all = new Float64Array(rows.length * width);
    for (const [i, row] of rows.entries()) all.set(part(row), i * width);
    return { all, width };
  };
  const features = flat(({ input }) => input);
  const targets = flat(({ target }) => target);
  const each = Math.min(1, examples.length / rehearsed.length);
  const total = examples.length + each * rehearsed.length;
  return {
    ...{ examples: rows.length, width: features.width, labels: targets.width, l2 },
    ...{ features: features.all, offsets: flat(({ offsets }) => offsets).all, targets: targets.all },
    weights: Float64Array.from(rows, (_, i) => (i < examples.length ? 1 : each) / total),
  };
}

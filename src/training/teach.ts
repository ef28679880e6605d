import type { Features } from '../stages/bert/classifier.js';
import { applyHead, type Head } from '../stages/bert/head.js';
import type { ModelFolder } from '../stages/bert/model-folder.js';
import { likeliest } from '../stages/bert/softmax.js';
import { BaseLayer } from './base-layer.js';
import type { Example } from './example.js';
import { fitLayer } from './fit-layer.js';
import { holdOut } from './holdout.js';
import { type Problem, parametersOf } from './layer-loss.js';
import { seeded } from './random.js';
import { type Scale, unscaled } from './scale.js';
import { answersOf, type Guessed, type Standing, standing } from './standing.js';
import { logLoss, type Scored, temperatureOf } from './temperature.js';
import { thresholdFor } from './threshold.js';
import { problemOf, type Row, trainingSet } from './training-set.js';
import { twins } from './twins.js';

/** Strengths that are tried, each from where the one before led; the search ends when the held-out loss has risen. */
const STRENGTHS = [0.3, 0.1, 0.03, 0.01, 0.003, 0.001, 0.0003];
/** Fewer held-out examples say nothing of confidences. */
const LEAST_HELD = 30;
/** When an answer counts, second labels being right as well. */
const AIM = { right: 0.97, floor: 0.5, answers: LEAST_HELD };
const TOP = 3;

export interface TeachOptions {
  /** Penalty of the squares of the weights; null to choose it by the held-out examples. */
  readonly l2: number | null;
  readonly seed: number;
  /** Share of the examples that is held out, 0 to 1. */
  readonly holdout: number;
}

export interface Taught {
  readonly head: Head;
  /** Of the layer, in the order of its rows. */
  readonly labels: readonly string[];
  readonly temperature: number;
  readonly minConfidence: number;
  /** Whether the held-out examples were enough to choose the threshold by; else it is that of the model before. */
  readonly choseThreshold: boolean;
  readonly l2: number;
  readonly fitted: number;
  readonly held: number;
  /** On the held-out examples. */
  readonly before: Standing;
  /** Of the layer that was fitted without the held-out examples; the one that is returned has seen them too. */
  readonly after: Standing;
}

type Base = Pick<ModelFolder, 'labels' | 'temperature' | 'head' | 'minConfidence' | 'minConfidenceByLabel'>;

/**
 * Fits a layer on top of a model: chooses its strength, temperature and threshold by examples that it is not fitted on, then fits it on all. The
 * same input gives the same layer. Takes minutes of one core for ten thousand examples.
 * @param features of each example. @param rehearsal of texts on which the layer is held to what the model says of them. @param labels of the new layer, in their order; the examples' are among them.
 * @param say is told what is tried.
 */
export function teach(
  examples: readonly Example[],
  features: readonly Features[],
  rehearsal: readonly Features[],
  labels: readonly string[],
  base: Base,
  options: TeachOptions,
  say: (line: string) => void,
): Taught {
  const before = new BaseLayer(base, labels);
  const { examples: rows, rehearsed, scale } = trainingSet(examples, features, rehearsal, before);
  const split = holdOut(twins(examples.map(({ template }) => template)), options.holdout, seeded(options.seed));
  const [fitted, held] = [pick(rows, split.fitted), pick(rows, split.held)];
  const strengths = options.l2 === null ? STRENGTHS : [options.l2];
  const { l2, parameters } = choose(problemOf(fitted, rehearsed, 0), strengths, (found, tried) => {
    const loss = logLoss(scoredBy(headOf(found, before, scale, rows), held), 1);
    say(`l2 ${tried}: loss ${loss.toFixed(4)} on ${held.length} that were held out`);
    return loss;
  });
  const chosen = scoredBy(headOf(parameters, before, scale, rows), held);
  const temperature = held.length < LEAST_HELD ? 1 : temperatureOf(chosen);
  const guessed = held.map(({ example }, i) => guess(example, chosen[i]?.logits, labels, temperature));
  const threshold = thresholdFor(answersOf(guessed), AIM);
  const minConfidence = threshold ?? base.minConfidence;
  const was = held.map((row) => guess(row.example, before.own(row.features), base.labels, base.temperature));
  say(`fitting on all ${rows.length}`);
  const all = fitLayer(problemOf(rows, rehearsed, l2), parameters);
  return {
    ...{ head: headOf(all, before, scale, rows), labels, temperature, minConfidence, choseThreshold: threshold !== null, l2 },
    ...{ fitted: fitted.length, held: held.length },
    before: standing(was, ({ label, confidence }) => confidence >= (base.minConfidenceByLabel[label] ?? base.minConfidence)),
    after: standing(guessed, ({ confidence }) => confidence >= minConfidence),
  };
}

/** The strength with which the held-out loss is least, and the layer that it led to. @param lossOf of a layer on the held-out examples. */
function choose(
  problem: Problem,
  strengths: readonly number[],
  lossOf: (parameters: Float64Array, l2: number) => number,
): { l2: number; parameters: Float64Array } {
  let parameters: Float64Array = new Float64Array(parametersOf(problem));
  let best = { l2: strengths[0] ?? 1, parameters, loss: Number.POSITIVE_INFINITY };
  for (const l2 of strengths) {
    parameters = fitLayer({ ...problem, l2 }, parameters);
    const loss = lossOf(parameters, l2);
    if (loss >= best.loss) break;
    best = { l2, parameters, loss };
  }
  return best;
}

/** The layer over what the graph gives, with the one that was there before inside. */
function headOf(parameters: Float64Array, before: BaseLayer, scale: Scale, rows: readonly Row[]): Head {
  const labels = before.labels.length;
  const widths = { pooled: rows[0]?.features.pooled.length ?? 0, logits: rows[0]?.features.logits.length ?? 0 };
  const weights = unscaled(parameters, labels, scale);
  before.addTo(weights, widths);
  return { labels, ...widths, weights: Float32Array.from(weights) };
}

function scoredBy(head: Head, rows: readonly Row[]): Scored[] {
  return rows.map(({ features, target }) => ({ logits: applyHead(head, features.pooled, features.logits), targets: target }));
}

function guess(example: Example, logits: Float32Array | undefined, labels: readonly string[], temperature: number): Guessed {
  return { example, guesses: logits === undefined ? [] : likeliest(logits, labels, temperature, TOP) };
}

function pick<Value>(rows: readonly Value[], numbers: readonly number[]): Value[] {
  return numbers.flatMap((i) => rows[i] ?? []);
}

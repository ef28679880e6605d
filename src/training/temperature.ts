import { bisect } from './fmin.js';

/** Beyond these the examples are too few or too easy to tell. */
const LIMITS = { least: 0.2, most: 5 };

/** Logits of a text, and how much of it is of each label. */
export interface Scored {
  readonly logits: Float32Array;
  readonly targets: Float64Array;
}

/** Cross-entropy of the softmax of logits over a temperature, on average. */
export function logLoss(scored: readonly Scored[], temperature: number): number {
  let sum = 0;
  for (const { logits, targets } of scored) {
    const probabilities = softmax(logits, 1 / temperature);
    for (let i = 0; i < logits.length; i++) if ((targets[i] ?? 0) > 0) sum -= (targets[i] ?? 0) * Math.log(probabilities[i] ?? 0);
  }
  return scored.length === 0 ? 0 : sum / scored.length;
}

/** The temperature with which confidences are nearest to what is right (Guo et al. 2017). */
export function temperatureOf(scored: readonly Scored[]): number {
  // The loss is convex in the inverse of the temperature: it is least where its slope is 0, or at an end.
  const [softest, sharpest] = [1 / LIMITS.most, 1 / LIMITS.least];
  const slope = (inverse: number): number => slopeOf(scored, inverse);
  if (slope(softest) >= 0) return LIMITS.most;
  if (slope(sharpest) <= 0) return LIMITS.least;
  return Math.round(1e4 / bisect(slope, softest, sharpest)) / 1e4;
}

/** By how much the loss grows with the inverse of the temperature: the logit that is expected, less the one that is right. */
function slopeOf(scored: readonly Scored[], inverse: number): number {
  let sum = 0;
  for (const { logits, targets } of scored) {
    const probabilities = softmax(logits, inverse);
    for (let i = 0; i < logits.length; i++) sum += ((probabilities[i] ?? 0) - (targets[i] ?? 0)) * (logits[i] ?? 0);
  }
  return sum / scored.length;
}

function softmax(logits: Float32Array, inverse: number): Float64Array {
  let highest = Number.NEGATIVE_INFINITY;
  for (const logit of logits) highest = Math.max(highest, logit);
  const weights = Float64Array.from(logits, (logit) => Math.exp((logit - highest) * inverse));
  const total = weights.reduce((sum, weight) => sum + weight, 0);
  // Rounded to nothing it would be infinitely surprising.
  return weights.map((weight) => Math.max(weight / total, Number.MIN_VALUE));
}

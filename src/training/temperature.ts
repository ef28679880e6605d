import { nelderMead } from './fmin.js';

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
    let highest = Number.NEGATIVE_INFINITY;
    for (const logit of logits) highest = Math.max(highest, logit / temperature);
    let total = 0;
    for (const logit of logits) total += Math.exp(logit / temperature - highest);
    const all = highest + Math.log(total);
    for (let i = 0; i < logits.length; i++) sum += (targets[i] ?? 0) * (all - (logits[i] ?? 0) / temperature);
  }
  return scored.length === 0 ? 0 : sum / scored.length;
}

/** The temperature with which confidences are nearest to what is right (Guo et al. 2017). */
export function temperatureOf(scored: readonly Scored[]): number {
  const { x } = nelderMead(([log]) => logLoss(scored, Math.exp(log ?? 0)), [0]);
  const found = Math.min(LIMITS.most, Math.max(LIMITS.least, Math.exp(x[0] ?? 0)));
  return Math.round(found * 1e4) / 1e4;
}

/** How sure a model is of one of its labels. */
export interface Guess {
  readonly label: string;
  /** 0 to 1 */
  readonly confidence: number;
}

/**
 * The likeliest labels with their calibrated probabilities, the likeliest first. A row that holds no numbers (a broken model) gives none.
 * @param logits one row of the model's output. @param temperature divides them.
 */
export function likeliest(logits: Float32Array, labels: readonly string[], temperature: number, count: number): Guess[] {
  let highest = Number.NEGATIVE_INFINITY;
  for (const logit of logits) highest = Math.max(highest, logit);
  if (!Number.isFinite(highest)) return [];
  let sum = 0;
  const weights = new Float64Array(logits.length);
  for (let i = 0; i < logits.length; i++) {
    const weight = Math.exp(((logits[i] ?? 0) - highest) / temperature);
    weights[i] = weight;
    sum += weight;
  }
  const order = labels.map((_, i) => i).sort((a, b) => (weights[b] ?? 0) - (weights[a] ?? 0));
  // Four digits are more than calibration is good for, and keep what is stored and sent short.
  return order.slice(0, count).map((i) => ({ label: labels[i] ?? '', confidence: Math.round(((weights[i] ?? 0) / sum) * 1e4) / 1e4 }));
}

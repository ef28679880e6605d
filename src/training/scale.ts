/** How the numbers of one feature lie, over all examples. */
export interface Scale {
  readonly means: Float64Array;
  /** Standard deviations; 1 for a feature that is always the same. */
  readonly deviations: Float64Array;
}

/** @param rows of one width. */
export function scaleOf(rows: readonly Float64Array[]): Scale {
  const width = rows[0]?.length ?? 0;
  const means = new Float64Array(width);
  const deviations = new Float64Array(width);
  for (const row of rows) for (let i = 0; i < width; i++) means[i] = (means[i] ?? 0) + (row[i] ?? 0) / rows.length;
  for (const row of rows) for (let i = 0; i < width; i++) deviations[i] = (deviations[i] ?? 0) + ((row[i] ?? 0) - (means[i] ?? 0)) ** 2;
  // The square root of what rounding leaves of nothing is not nothing.
  return { means, deviations: deviations.map((sum) => (sum / rows.length < 1e-12 ? 1 : Math.sqrt(sum / rows.length))) };
}

/** The row with a mean of 0 and a deviation of 1 in each feature. */
export function scaled(row: Float64Array, { means, deviations }: Scale): Float64Array {
  return row.map((value, i) => (value - (means[i] ?? 0)) / (deviations[i] ?? 1));
}

/**
 * Weights for what was not scaled that say the same as these for what was: a row for each label, its bias last.
 * @param parameters [labels, width] weights, and behind them [labels] biases.
 */
export function unscaled(parameters: Float64Array, labels: number, { means, deviations }: Scale): Float64Array {
  const width = means.length;
  const weights = new Float64Array(labels * (width + 1));
  for (let label = 0; label < labels; label++) {
    let bias = parameters[labels * width + label] ?? 0;
    for (let i = 0; i < width; i++) {
      const weight = (parameters[label * width + i] ?? 0) / (deviations[i] ?? 1);
      weights[label * (width + 1) + i] = weight;
      bias -= weight * (means[i] ?? 0);
    }
    weights[label * (width + 1) + width] = bias;
  }
  return weights;
}

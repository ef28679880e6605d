/** Examples go through in fours: each weight that is read serves four of them. */
const TOGETHER = 4;

/** What a layer is fitted on, as dense rows. */
export interface Problem {
  readonly examples: number;
  /** Numbers of one example. */
  readonly width: number;
  readonly labels: number;
  /** [examples, width] */
  readonly features: Float64Array;
  /** [examples, labels]: the logits before the layer says anything. */
  readonly offsets: Float64Array;
  /** [examples, labels]: how much of the example is of each label; each row sums up to 1. */
  readonly targets: Float64Array;
  /** [examples]: how much each counts; they sum up to 1. */
  readonly weights: Float64Array;
  /** Penalty of the squares of weights and biases. */
  readonly l2: number;
}

/** Numbers that a layer has: [labels, width] weights, and behind them [labels] biases. */
export function parametersOf({ labels, width }: Pick<Problem, 'labels' | 'width'>): number {
  return labels * (width + 1);
}

/**
 * Cross-entropy of a softmax layer that adds to given logits, on weighted average over the examples, plus half of `l2` times the sum of its squared numbers,
 * biases too: with biases that go free, labels of which there are no examples would be talked down to nothing. Returns the loss and fills in the
 * gradient. It takes nearly all of the time of a training: loops of two labels by four examples read each number once for eight products.
 */
export function layerLoss(problem: Problem): (parameters: Float64Array, gradient: Float64Array) => number {
  const { examples, width, labels, offsets, targets, weights, l2 } = problem;
  // Rows that fill up the last four are of no label, so that nothing of them counts.
  const features = new Float64Array(Math.ceil(examples / TOGETHER) * TOGETHER * width);
  features.set(problem.features);
  const logits = new Float64Array(TOGETHER * labels);
  return (parameters, gradient) => {
    gradient.fill(0);
    let loss = 0;
    for (let first = 0; first < examples; first += TOGETHER) {
      score(parameters, features, first * width, width, labels, logits);
      const rows = Math.min(TOGETHER, examples - first);
      for (let row = 0; row < rows; row++)
        loss += blame(logits, row * labels, offsets, targets, (first + row) * labels, labels, weights[first + row] ?? 0);
      logits.fill(0, rows * labels);
      collect(gradient, features, first * width, width, labels, logits);
    }
    for (let i = 0; i < parameters.length; i++) {
      const weight = parameters[i] ?? 0;
      loss += 0.5 * l2 * weight * weight;
      gradient[i] = (gradient[i] ?? 0) + l2 * weight;
    }
    return loss;
  };
}

function four(x: Float64Array, at: number, width: number): [Float64Array, Float64Array, Float64Array, Float64Array] {
  const row = (i: number): Float64Array => x.subarray(at + i * width, at + (i + 1) * width);
  return [row(0), row(1), row(2), row(3)];
}

/** Logits of four examples that begin at `at`; `labels` of them in a row for each example. */
function score(parameters: Float64Array, x: Float64Array, at: number, width: number, labels: number, logits: Float64Array): void {
  const biases = labels * width;
  const [b, c, d, e] = four(x, at, width);
  for (let label = 0; label < labels; label += 2) {
    // An odd last label is scored twice.
    const next = label + 1 < labels ? label + 1 : label;
    const [u, v] = [label * width, next * width];
    let s0 = parameters[biases + label] ?? 0;
    let t0 = parameters[biases + next] ?? 0;
    let [s1, s2, s3, t1, t2, t3] = [s0, s0, s0, t0, t0, t0];
    for (let i = 0; i < width; i++) {
      const p = parameters[u + i] as number;
      const q = parameters[v + i] as number;
      const x0 = b[i] as number;
      const x1 = c[i] as number;
      const x2 = d[i] as number;
      const x3 = e[i] as number;
      s0 += p * x0;
      s1 += p * x1;
      s2 += p * x2;
      s3 += p * x3;
      t0 += q * x0;
      t1 += q * x1;
      t2 += q * x2;
      t3 += q * x3;
    }
    logits[label] = s0;
    logits[labels + label] = s1;
    logits[2 * labels + label] = s2;
    logits[3 * labels + label] = s3;
    logits[next] = t0;
    logits[labels + next] = t1;
    logits[2 * labels + next] = t2;
    logits[3 * labels + next] = t3;
  }
}

/** Puts in place of an example's logits what the loss changes by with each; returns its loss. */
function blame(
  logits: Float64Array,
  at: number,
  offsets: Float64Array,
  targets: Float64Array,
  row: number,
  labels: number,
  weight: number,
): number {
  let highest = Number.NEGATIVE_INFINITY;
  for (let i = 0; i < labels; i++) {
    const logit = (logits[at + i] ?? 0) + (offsets[row + i] ?? 0);
    logits[at + i] = logit;
    if (logit > highest) highest = logit;
  }
  let sum = 0;
  for (let i = 0; i < labels; i++) sum += Math.exp((logits[at + i] ?? 0) - highest);
  const all = highest + Math.log(sum);
  let loss = 0;
  for (let i = 0; i < labels; i++) {
    const target = targets[row + i] ?? 0;
    const logProbability = (logits[at + i] ?? 0) - all;
    if (target > 0) loss -= weight * target * logProbability;
    logits[at + i] = weight * (Math.exp(logProbability) - target);
  }
  return loss;
}

/** Adds what four examples say to the gradient. */
function collect(gradient: Float64Array, x: Float64Array, at: number, width: number, labels: number, blames: Float64Array): void {
  const biases = labels * width;
  const [b, c, d, e] = four(x, at, width);
  for (let label = 0; label < labels; label += 2) {
    const next = label + 1;
    const [u, v] = [label * width, next * width];
    const s0 = blames[label] ?? 0;
    const s1 = blames[labels + label] ?? 0;
    const s2 = blames[2 * labels + label] ?? 0;
    const s3 = blames[3 * labels + label] ?? 0;
    gradient[biases + label] = (gradient[biases + label] ?? 0) + s0 + s1 + s2 + s3;
    if (next === labels) {
      for (let i = 0; i < width; i++)
        gradient[u + i] =
          (gradient[u + i] as number) + s0 * (b[i] as number) + s1 * (c[i] as number) + s2 * (d[i] as number) + s3 * (e[i] as number);
      continue;
    }
    const t0 = blames[next] ?? 0;
    const t1 = blames[labels + next] ?? 0;
    const t2 = blames[2 * labels + next] ?? 0;
    const t3 = blames[3 * labels + next] ?? 0;
    gradient[biases + next] = (gradient[biases + next] ?? 0) + t0 + t1 + t2 + t3;
    for (let i = 0; i < width; i++) {
      const x0 = b[i] as number;
      const x1 = c[i] as number;
      const x2 = d[i] as number;
      const x3 = e[i] as number;
      gradient[u + i] = (gradient[u + i] as number) + s0 * x0 + s1 * x1 + s2 * x2 + s3 * x3;
      gradient[v + i] = (gradient[v + i] as number) + t0 * x0 + t1 * x1 + t2 * x2 + t3 * x3;
    }
  }
}

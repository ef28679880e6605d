/** An answer with how sure it was. */
export interface Sure {
  /** 0 to 1 */
  readonly confidence: number;
  readonly right: boolean;
}

/** Answers of about one confidence: above `from`, up to `to`. */
export interface Bin {
  readonly from: number;
  readonly to: number;
  readonly answers: number;
  /** Mean confidence, and the share that is right; null where there are no answers. */
  readonly confidence: number | null;
  readonly right: number | null;
}

export interface Calibration {
  /** Expected calibration error: by how much confidence and share of right answers differ, on average over the answers. Null without answers. */
  readonly ece: number | null;
  readonly bins: readonly Bin[];
}

const BINS = 10;

/** Bins of equal width (Guo et al. 2017, "On Calibration of Modern Neural Networks"); a confidence of 0 falls into the first. */
export function calibrate(answers: readonly Sure[]): Calibration {
  const members: Sure[][] = Array.from({ length: BINS }, () => []);
  for (const answer of answers) members[Math.max(0, Math.ceil(answer.confidence * BINS) - 1)]?.push(answer);
  const bins = members.map((found, i) => binOf(found, i));
  const gaps = bins.map(({ answers, confidence, right }) => answers * Math.abs((confidence ?? 0) - (right ?? 0)));
  return { ece: answers.length === 0 ? null : gaps.reduce((sum, gap) => sum + gap, 0) / answers.length, bins };
}

function binOf(members: readonly Sure[], i: number): Bin {
  const mean = (value: (member: Sure) => number): number | null =>
    members.length === 0 ? null : members.reduce((sum, member) => sum + value(member), 0) / members.length;
  return {
    from: i / BINS,
    to: (i + 1) / BINS,
    answers: members.length,
    confidence: mean(({ confidence }) => confidence),
    right: mean(({ right }) => (right ? 1 : 0)),
  };
}

import type { Answered } from './judged.js';

/** Shares are 0 to 1, and null where there is nothing to take a share of. */
export interface Measures {
  readonly records: number;
  readonly answered: number;
  /** Share of the records that got an answer. */
  readonly coverage: number | null;
  /** Right answers among the answers, and with second labels counted as right. */
  readonly rightOfAnswered: number | null;
  readonly rightOrSecondOfAnswered: number | null;
  /** The same among all records: no answer is not right. */
  readonly rightOfAll: number | null;
  readonly rightOrSecondOfAll: number | null;
  readonly macroF1: number | null;
}

export function isRight({ label, answer }: Answered): boolean {
  return answer === label;
}

export function isRightOrSecond({ label, alt, answer }: Answered): boolean {
  return answer !== null && (answer === label || answer === alt);
}

export function measure(records: readonly Answered[]): Measures {
  const answered = records.filter(({ answer }) => answer !== null);
  const right = answered.filter(isRight).length;
  const either = answered.filter(isRightOrSecond).length;
  return {
    records: records.length,
    answered: answered.length,
    coverage: share(answered.length, records.length),
    rightOfAnswered: share(right, answered.length),
    rightOrSecondOfAnswered: share(either, answered.length),
    rightOfAll: share(right, records.length),
    rightOrSecondOfAll: share(either, records.length),
    macroF1: macroF1(records),
  };
}

/**
 * The mean over the labels that occur of F1 = 2 × right / (records that have the label + answers that say it), second labels not counted. A label
 * that is only ever said wrongly lowers the F1 of those that it was said in place of.
 */
export function macroF1(records: readonly Answered[]): number | null {
  const counts = new Map<string, { had: number; said: number; right: number }>();
  const of = (label: string) => {
    const found = counts.get(label) ?? { had: 0, said: 0, right: 0 };
    counts.set(label, found);
    return found;
  };
  for (const { label, answer } of records) {
    of(label).had++;
    if (answer === null) continue;
    of(answer).said++;
    if (answer === label) of(label).right++;
  }
  const scores = [...counts.values()].filter(({ had }) => had > 0).map(({ had, said, right }) => (2 * right) / (had + said));
  return share(
    scores.reduce((sum, score) => sum + score, 0),
    scores.length,
  );
}

export function share(part: number, whole: number): number | null {
  return whole === 0 ? null : part / whole;
}

import type { Sure } from '../evaluation/calibration.js';

export interface Aim {
  /** Share of the answers that must be right, 0 to 1. */
  readonly right: number;
  /** No answer that is less sure counts, however good such answers look. */
  readonly floor: number;
  /** Answers that it takes to believe a share. */
  readonly answers: number;
}

/** The least confidence from which answers are right as often as aimed at; null where no confidence is, or answers are too few to tell. */
export function thresholdFor(answers: readonly Sure[], aim: Aim): number | null {
  const sorted = answers.toSorted((a, b) => b.confidence - a.confidence);
  let threshold: number | null = null;
  let right = 0;
  for (const [i, answer] of sorted.entries()) {
    if (answer.right) right++;
    // Answers of one confidence stand or fall together.
    if (sorted[i + 1]?.confidence === answer.confidence || i + 1 < aim.answers) continue;
    // Where all answers together are right often enough, none was seen that would have to be kept back.
    if (right >= aim.right * (i + 1)) threshold = i + 1 === sorted.length ? aim.floor : answer.confidence;
  }
  return threshold === null ? null : Math.max(threshold, aim.floor);
}

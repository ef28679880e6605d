import { type Calibration, calibrate } from './calibration.js';
import type { Guessed } from './judged.js';
import { isRight, isRightOrSecond, macroF1, share } from './measures.js';

/** How good a model's likeliest label is, whether or not it is sure enough of it. Shares are 0 to 1, and null where the model was not asked. */
export interface ModelMeasures extends Calibration {
  readonly asked: number;
  readonly right: number | null;
  readonly rightOrSecond: number | null;
  /** The label is one of the two likeliest. */
  readonly top2: number | null;
  readonly macroF1: number | null;
}

export function measureModel(records: readonly Guessed[]): ModelMeasures {
  const answers = records.map(({ label, alt, guesses }) => ({ label, alt, answer: guesses[0]?.label ?? null }));
  const top2 = records.filter(({ label, guesses }) => guesses.slice(0, 2).some((guess) => guess.label === label));
  const sure = records.flatMap(({ label, guesses: [guess] }) =>
    guess === undefined ? [] : [{ confidence: guess.confidence, right: guess.label === label }],
  );
  return {
    asked: records.length,
    right: share(answers.filter(isRight).length, records.length),
    rightOrSecond: share(answers.filter(isRightOrSecond).length, records.length),
    top2: share(top2.length, records.length),
    macroF1: macroF1(answers),
    ...calibrate(sure),
  };
}

import { type Measures, measure } from '../evaluation/measures.js';
import { type ModelMeasures, measureModel } from '../evaluation/model-measures.js';
import type { Guess } from '../stages/bert/softmax.js';
import type { Example } from './example.js';

/** An example with a model's likeliest labels. */
export interface Guessed {
  readonly example: Example;
  readonly guesses: readonly Guess[];
}

/** How a model does: with its threshold, and whatever its confidence. */
export interface Standing {
  readonly answers: Measures;
  readonly model: ModelMeasures;
}

/** @param accepts whether the model is sure enough of its likeliest label. */
export function standing(guessed: readonly Guessed[], accepts: (guess: Guess) => boolean): Standing {
  const rows = guessed.map(({ example: { label, alt }, guesses }) => {
    const [first] = guesses;
    return { label, alt, guesses, answer: first !== undefined && accepts(first) ? first.label : null };
  });
  return { answers: measure(rows), model: measureModel(rows) };
}

/** The likeliest labels as answers that are right or wrong; a second label is right as well. */
export function answersOf(guessed: readonly Guessed[]): { confidence: number; right: boolean }[] {
  return guessed.flatMap(({ example: { label, alt }, guesses: [first] }) =>
    first === undefined ? [] : [{ confidence: first.confidence, right: first.label === label || first.label === alt }],
  );
}

import type { Stage } from '../record/record.js';
import type { Guess } from '../stages/bert/softmax.js';

/** What should have been said of a record, and what was. */
export interface Answered {
  readonly label: string;
  /** A second label that is right as well. */
  readonly alt: string | null;
  /** Null where nothing was said. */
  readonly answer: string | null;
}

/** A record whose likeliest labels the model was asked for, whether or not it was sure enough. */
export interface Guessed {
  readonly label: string;
  readonly alt: string | null;
  /** The likeliest first; empty where the model broke over the text. */
  readonly guesses: readonly Guess[];
}

/** A labelled record behind the cascade. */
export interface Judged extends Answered, Guessed {
  /** Who answered. */
  readonly stage: Stage;
  readonly service: string;
  readonly level: string;
  /** The log that it is from; empty where nobody says. */
  readonly source: string;
  /** Of the labels file. */
  readonly line: number;
}

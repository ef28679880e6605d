import type { Labelled } from '../labels/labelled.js';
import { questionOf } from '../stages/template/question.js';

/** A text that the model is given, and what a person says of it. */
export interface Example {
  readonly text: string;
  /** What the text was made of. */
  readonly template: string;
  readonly label: string;
  readonly alt: string | null;
}

/**
 * What is taught by labelled records: each text once, however many records have it, since one that is printed often must not stand for all others.
 * A text that people label differently is an example of each label.
 */
export function examplesOf(labelled: readonly Labelled[]): Example[] {
  const examples = new Map<string, Example>();
  for (const { record, label, alt } of labelled) {
    const { key, text } = questionOf(record);
    const name = `${label} ${text}`;
    if (!examples.has(name)) examples.set(name, { text, template: key.template, label, alt });
  }
  return [...examples.values()];
}

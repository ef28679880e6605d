import type { EntryKey } from '../memory/entry.js';
import { questionOf } from '../template/question.js';
import { exampleRecord } from './examples.js';
import type { LoadedRule } from './load.js';

/** A template of which a rule says the label. */
export interface LabelledExample {
  readonly label: string;
  readonly key: EntryKey;
  /** What BERT reads of it. */
  readonly text: string;
}

/** The examples that rules have of what they match, each text once. */
export function labelledExamples(rules: readonly LoadedRule[]): LabelledExample[] {
  const examples = new Map<string, LabelledExample>();
  for (const { rule } of rules) {
    for (const example of rule.examples.match) {
      const { key, text } = questionOf(exampleRecord(rule, example));
      if (!examples.has(text)) examples.set(text, { label: rule.label, key, text });
    }
  }
  return [...examples.values()];
}

import picomatch from 'picomatch';
import type { Letter } from './letter.js';

/** Which letters are meant; what is empty leaves all. */
export interface Choice {
  /** Names of outputs. */
  readonly outputs: readonly string[];
  /** Parts of reasons, in any case. */
  readonly reasons: readonly string[];
  /** Globs on labels. */
  readonly labels: readonly string[];
}

/** Labels are short; what is longer is cut, so that a hostile one costs no more than others. */
const MAX_LABEL_LENGTH = 255;

/** A test for letters: of each kind of condition that is there one must hold. */
export function compileChoice({ outputs, reasons, labels }: Choice): (letter: Pick<Letter, 'output' | 'reason' | 'label'>) => boolean {
  const parts = reasons.map((part) => part.toLowerCase());
  const label = labels.length === 0 ? null : picomatch([...labels], { dot: true });
  return (letter) =>
    (outputs.length === 0 || outputs.includes(letter.output)) &&
    (parts.length === 0 || parts.some((part) => letter.reason.toLowerCase().includes(part))) &&
    (label === null || label(letter.label.slice(0, MAX_LABEL_LENGTH)));
}

const MAX_MASKED_FROM = 2000;
const MAX_REASON_LENGTH = 160;

/** A reason without its values, so that alike ones read the same: quoted values become `'…'`, words with digits in them `#`. */
export function maskReason(reason: string): string {
  const masked = reason
    .slice(0, MAX_MASKED_FROM)
    // An apostrophe within a word, as in "field's value", begins no quoted value.
    .replace(/(?<![\p{L}\p{N}])'[^']*'/gu, "'…'")
    .replace(/"[^"]*"/g, '"…"')
    .replace(/[\p{L}\p{N}_]+/gu, (word) => (/\p{N}/u.test(word) ? '#' : word))
    // Ids and times are several of these.
    .replace(/#(?:[-.:]#)+/g, '#');
  return masked.length <= MAX_REASON_LENGTH ? masked : `${masked.slice(0, MAX_REASON_LENGTH)}…`;
}

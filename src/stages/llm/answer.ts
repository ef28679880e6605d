import type { Guess } from '../bert/softmax.js';
import type { LlmAnswer } from '../memory/entry.js';
import { labelProbabilities, type Token } from './confidence.js';

/** What a server sent as the model's words. */
export interface Reply {
  readonly content: string;
  /** How likely each token was; null where the server does not say. */
  readonly tokens: readonly Token[] | null;
}

/** Why a template has no answer; few words, so that they can be counted by. */
export type Rejection = 'no_json' | 'no_answer' | 'wrong_label' | 'wrong_confidence';

/** After so long a template that the model gave no usable answer for is asked again, in milliseconds. */
const REJECTION_LASTS_MS = 7 * 86_400_000;

/** Whether an answer is that there was none, and so old that it is to be asked for again. */
export function isForgotten({ guesses, at }: LlmAnswer, now: number): boolean {
  return guesses.length === 0 && now - at > REJECTION_LASTS_MS;
}

/** Of each id that was asked the answer, or why there is none. Answers to anything else are not looked at. */
export function readAnswers(
  { content, tokens }: Reply,
  ids: readonly string[],
  isLabel: (label: string) => boolean,
): Map<string, Guess | Rejection> {
  const found = jsonOf(content);
  if (found === null) return new Map(ids.map((id) => [id, 'no_json']));
  const likely = tokens === null ? null : labelProbabilities(content, tokens, ids);
  return new Map(ids.map((id) => [id, guessOf(Object.hasOwn(found, id) ? found[id] : undefined, likely?.get(id) ?? null, isLabel)]));
}

/** @param likely how likely the label's tokens were; it counts for more than what the model says of itself. */
function guessOf(answer: unknown, likely: number | null, isLabel: (label: string) => boolean): Guess | Rejection {
  if (answer === undefined) return 'no_answer';
  const { label, confidence } = typeof answer === 'string' ? { label: answer, confidence: undefined } : fieldsOf(answer);
  if (typeof label !== 'string' || !isLabel(label)) return 'wrong_label';
  if (likely !== null) return { label, confidence: likely };
  // Whoever does not say how sure it is, is not sure.
  if (confidence === undefined) return { label, confidence: 0 };
  if (typeof confidence !== 'number' || !(confidence >= 0 && confidence <= 1)) return 'wrong_confidence';
  return { label, confidence };
}

function fieldsOf(value: unknown): { readonly label?: unknown; readonly confidence?: unknown } {
  return typeof value === 'object' && value !== null ? value : {};
}

/** The object in a reply, which may stand behind thoughts or in a fence; null where there is none. */
function jsonOf(content: string): Readonly<Record<string, unknown>> | null {
  const thought = content.lastIndexOf('</think>');
  const said = thought < 0 ? content : content.slice(thought);
  const [from, to] = [said.indexOf('{'), said.lastIndexOf('}')];
  if (from < 0 || to < from) return null;
  try {
    const value: unknown = JSON.parse(said.slice(from, to + 1));
    return typeof value === 'object' && value !== null ? (value as Record<string, unknown>) : null;
  } catch {
    return null;
  }
}

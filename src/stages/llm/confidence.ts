/** One token of a reply, with the logarithm of how likely it was. */
export interface Token {
  readonly token: string;
  readonly logprob: number;
}

/**
 * How likely the tokens of each label were, one after the other: the probability that the model gives this label to what it was asked.
 * @returns by id; an id is missing where its label does not stand in the reply as our form has it, and null where the tokens are not the reply's.
 */
export function labelProbabilities(content: string, tokens: readonly Token[], ids: readonly string[]): Map<string, number> | null {
  if (tokens.length === 0 || tokens.map(({ token }) => token).join('') !== content) return null;
  const found = new Map<string, number>();
  for (const id of ids) {
    const span = labelSpan(content, id);
    if (span === null) continue;
    const probability = Math.exp(sumOver(tokens, span));
    if (Number.isFinite(probability)) found.set(id, Math.min(1, probability));
  }
  return found;
}

interface Span {
  readonly from: number;
  readonly to: number;
}

/** Where the label of an id stands: `"t1": {"label": "here"`. The last one, since thoughts may come before the answer. */
function labelSpan(content: string, id: string): Span | null {
  const member = content.lastIndexOf(`"${id}"`);
  if (member < 0) return null;
  const key = content.indexOf('"label"', member);
  if (key < 0) return null;
  const colon = content.indexOf(':', key + 7);
  const open = content.indexOf('"', colon + 1);
  const close = content.indexOf('"', open + 1);
  return colon < 0 || open < 0 || close < 0 ? null : { from: open + 1, to: close };
}

function sumOver(tokens: readonly Token[], { from, to }: Span): number {
  let at = 0;
  let sum = 0;
  for (const { token, logprob } of tokens) {
    const end = at + token.length;
    if (end > from && at < to) sum += logprob;
    at = end;
  }
  return sum;
}

import type { Asked, ChatBody } from './received-request.js';

/** What the scripted model says of a template. */
export interface Answer {
  readonly label: string;
  readonly confidence: number;
  /** Of the label's tokens together, for logprobs; the confidence when absent. */
  readonly probability?: number;
}

export type Labelling = (id: string, template: string) => Answer;

/** An answer with the id that it is given under. */
export type Labelled = readonly [id: string, answer: Answer];

/** The message of a completion and how it ended. */
export interface Said {
  readonly content: string | null;
  readonly refusal?: string;
  readonly finishReason?: string;
  /** The answers in `content`, in its order: where the logprobs of labels come from. */
  readonly answers?: readonly Labelled[];
}

interface TokenLogprob {
  readonly token: string;
  readonly logprob: number;
  readonly bytes: readonly number[];
  readonly top_logprobs: readonly { readonly token: string; readonly logprob: number; readonly bytes: readonly number[] }[];
}

/** Everything asked, labelled. */
export function labelled(asked: readonly Asked[], labelling: Labelling): Labelled[] {
  return asked.map(({ id, template }) => [id, labelling(id, template)]);
}

/** The JSON that a model is to answer with. An id that occurs twice is written twice. */
export function answerText(answers: readonly Labelled[]): string {
  const members = answers.map(([id, { label, confidence }]) => `${JSON.stringify(id)}:${JSON.stringify({ label, confidence })}`);
  return `{${members.join(',')}}`;
}

/** The body of a chat completion: https://platform.openai.com/docs/api-reference/chat/object */
export function completionText(request: ChatBody, said: Said): string {
  const tokens = tokensOf(said.content ?? '', said.answers ?? []);
  const choice = {
    index: 0,
    message: { role: 'assistant', content: said.content, refusal: said.refusal ?? null },
    logprobs: request['logprobs'] === true ? { content: tokens, refusal: null } : null,
    finish_reason: said.finishReason ?? 'stop',
  };
  return completionOf(request, [choice], tokens.length);
}

/** A completion with these choices, whatever they are. */
export function completionOf(request: ChatBody, choices: readonly unknown[], completionTokens = 0): string {
  // Some four characters are a token.
  const promptTokens = Math.ceil(JSON.stringify(request.messages ?? []).length / 4);
  return JSON.stringify({
    id: 'chatcmpl-scripted',
    object: 'chat.completion',
    created: 1_772_446_272,
    model: request.model ?? 'scripted',
    choices,
    usage: { prompt_tokens: promptTokens, completion_tokens: completionTokens, total_tokens: promptTokens + completionTokens },
  });
}

const TOKEN = / ?\w+|[^\w\s]+|\s+/g;
const LABEL = /"label":\s*"([^"]*)"/g;

/** The content in tokens like those of real models: a label is several, and a mark before it sticks to other marks. Joined they are the content. */
function tokensOf(content: string, answers: readonly Labelled[]): TokenLogprob[] {
  const labels = new Map<number, number>();
  let answer = 0;
  for (const { 0: match, 1: label = '', index } of content.matchAll(LABEL)) {
    const said = answers[answer++]?.[1];
    // The first token of a label decides it; the others follow from that one.
    if (said !== undefined) labels.set(index + match.length - 1 - label.length, Math.log(said.probability ?? said.confidence));
  }
  return Array.from(content.matchAll(TOKEN), ({ 0: token, index }) => {
    const choice = { token, logprob: labels.get(index) ?? 0, bytes: [...Buffer.from(token)] };
    return { ...choice, top_logprobs: [choice] };
  });
}

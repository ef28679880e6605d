import type { ChatCompletionCreateParamsNonStreaming } from 'openai/resources/chat/completions';
import type { Abilities } from './abilities.js';

/** Tokens that one label with its confidence takes, and what is around them; models that think first need many more, and get them with `spare`. */
const TOKENS_AN_ANSWER = 48;
const TOKENS_AROUND = 64;
/** About so many characters of our prompts make a token. */
const CHARACTERS_A_TOKEN = 3.2;

/** What one request asks. */
export interface Ask {
  readonly model: string;
  readonly system: string;
  readonly user: string;
  readonly ids: readonly string[];
  readonly labels: readonly string[];
  /** Tokens that the answer may have besides those it needs. */
  readonly spare: number;
}

export function requestBody(
  { model, system, user, ids, labels, spare }: Ask,
  abilities: Abilities,
): ChatCompletionCreateParamsNonStreaming {
  return {
    model,
    messages: [
      { role: 'system', content: system },
      { role: 'user', content: user },
    ],
    [abilities.bound]: answerTokens(ids.length, spare),
    ...(abilities.temperature ? { temperature: 0 } : {}),
    ...(abilities.logprobs ? { logprobs: true } : {}),
    ...responseFormat(ids, labels, abilities),
  };
}

/** About what the request costs before its answer says so, in tokens. */
export function estimatedTokens({ system, user, ids, spare }: Ask): number {
  return Math.ceil((system.length + user.length) / CHARACTERS_A_TOKEN) + answerTokens(ids.length, spare);
}

function answerTokens(answers: number, spare: number): number {
  return answers * TOKENS_AN_ANSWER + TOKENS_AROUND + spare;
}

function responseFormat(
  ids: readonly string[],
  labels: readonly string[],
  { format }: Abilities,
): Pick<ChatCompletionCreateParamsNonStreaming, 'response_format'> {
  if (format === 'text') return {};
  if (format === 'json_object') return { response_format: { type: 'json_object' } };
  return { response_format: { type: 'json_schema', json_schema: { name: 'labels', strict: true, schema: answerSchema(ids, labels) } } };
}

/** JSON schema of the answer: every id with one of the labels, and nothing else. */
function answerSchema(ids: readonly string[], labels: readonly string[]): Record<string, unknown> {
  return {
    type: 'object',
    properties: Object.fromEntries(ids.map((id) => [id, { $ref: '#/$defs/answer' }])),
    required: ids,
    additionalProperties: false,
    $defs: {
      answer: {
        type: 'object',
        properties: { label: { type: 'string', enum: labels }, confidence: { type: 'number' } },
        required: ['label', 'confidence'],
        additionalProperties: false,
      },
    },
  };
}

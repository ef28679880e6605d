import OpenAI from 'openai';
import type { ChatCompletionCreateParamsNonStreaming } from 'openai/resources/chat/completions';
import { z } from 'zod';
import type { Reply } from './answer.js';
import { BoundedFetch } from './bounded-fetch.js';
import type { LlmConfig } from './config.js';

const LATER_MS = 60_000;
/** Longer replies than our form can be are thoughts without end. */
const MAX_CONTENT = 131_072;

/** What we read of a completion (https://platform.openai.com/docs/api-reference/chat/object); servers leave out much of it. */
const completionSchema = z.object({
  choices: z
    .array(
      z.object({
        message: z.object({ content: z.string().nullish(), refusal: z.string().nullish() }),
        finish_reason: z.string().nullish(),
        logprobs: z
          .object({ content: z.array(z.object({ token: z.string(), logprob: z.number() })).nullish() })
          .nullish()
          .catch(null),
      }),
    )
    .min(1),
  usage: z
    .object({ prompt_tokens: z.number().min(0), completion_tokens: z.number().min(0) })
    .nullish()
    .catch(null),
});

/** What came back. */
export interface Completion {
  readonly reply: Reply;
  /** The model, or a filter in front of it, will not answer this. */
  readonly refused: boolean;
  /** The answer was cut at its bound. */
  readonly cut: boolean;
  /** In tokens; null where the server does not say. */
  readonly usage: { readonly prompt: number; readonly answer: number } | null;
}

/** The server of the language model. */
export class Endpoint {
  readonly #client: OpenAI;
  readonly #fetch: BoundedFetch;

  /** @throws where the file of authorities cannot be read. */
  constructor(config: LlmConfig) {
    const { base_url, api_key, query, caFile, proxy, timeout_ms, max_response_bytes } = config;
    const headers = { ...(api_key === undefined ? {} : { authorization: `Bearer ${api_key}` }), ...config.headers };
    this.#fetch = new BoundedFetch({ caFile, proxy, headers, timeoutMs: timeout_ms, maxBytes: max_response_bytes });
    this.#client = new OpenAI({
      baseURL: base_url,
      // The library wants a key, and would take it and more from the environment. Our fetch sends only what the configuration says.
      apiKey: 'none',
      organization: null,
      project: null,
      defaultQuery: query,
      maxRetries: 0,
      // The library's ends with the headers; ours, which comes first, with the last byte.
      timeout: timeout_ms + LATER_MS,
      logLevel: 'off',
      fetch: (url, init) => this.#fetch.fetch(url as string | URL, init as unknown as Parameters<BoundedFetch['fetch']>[1]),
    });
  }

  /** Asks once. @throws what `faultOf` reads. */
  async complete(body: ChatCompletionCreateParamsNonStreaming, signal: AbortSignal): Promise<Completion> {
    const { choices, usage } = completionSchema.parse(
      await untilAborted(signal, (own) => this.#client.chat.completions.create(body, { signal: own })),
    );
    const [choice] = choices;
    const content = choice?.message.content ?? '';
    const finish = choice?.finish_reason ?? 'stop';
    return {
      reply: { content: content.slice(0, MAX_CONTENT), tokens: choice?.logprobs?.content ?? null },
      refused: finish === 'content_filter' || (content === '' && (choice?.message.refusal ?? '') !== ''),
      cut: finish === 'length',
      usage: usage == null ? null : { prompt: usage.prompt_tokens, answer: usage.completion_tokens },
    };
  }

  /** Names of the models that it has; null where it does not list them. @throws what `faultOf` reads. */
  async models(signal: AbortSignal): Promise<readonly string[] | null> {
    const parsed = z.object({ data: z.array(z.object({ id: z.string() })) }).safeParse(await this.#client.get('/models', { signal }));
    return parsed.success ? parsed.data.data.map(({ id }) => id) : null;
  }

  close(): Promise<void> {
    return this.#fetch.close();
  }
}

/** The library leaves its listener on the signal that it is given: it gets one that ends with the request. */
async function untilAborted<Result>(signal: AbortSignal, act: (own: AbortSignal) => Promise<Result>): Promise<Result> {
  const own = new AbortController();
  const abort = (): void => own.abort(signal.reason);
  signal.throwIfAborted();
  signal.addEventListener('abort', abort, { once: true });
  try {
    return await act(own.signal);
  } finally {
    signal.removeEventListener('abort', abort);
  }
}

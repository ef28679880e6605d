import { z } from 'zod';
import { headerName, headerValue, httpUrl } from '../../config/http-keys.js';
import { LEVELS, type Level } from '../../record/record.js';

const price = z.number().min(0);

/** An hour: what needs longer is no answer any more. */
const MAX_WAIT_MS = 3_600_000;

export const llmSchema = z
  .strictObject({
    base_url: httpUrl
      .refine((url) => !/[?#]/.test(url), 'no query in the URL: there is `query` for that')
      .describe('of an OpenAI-compatible API, up to where `/chat/completions` follows; nothing leaves without it'),
    api_key: headerValue.min(1).optional().describe('sent as `Authorization: Bearer`; keep it in the environment, and name that here'),
    model: z.string().min(1).describe("the model's name at the endpoint"),
    headers: z.record(headerName, headerValue).default({}).describe('further headers, such as `api-key` for Azure'),
    query: z.record(z.string().min(1), z.string()).default({}).describe('further query parameters, such as `api-version` for Azure'),
    ca_file: z.string().min(1).optional().describe('PEM file of the authorities that sign its certificate, in place of the usual ones'),
    proxy: httpUrl.optional().describe('URL of an HTTP proxy; none where it is absent, whatever the environment says'),
    min_confidence: z.number().min(0).max(1).default(0.65).describe('how sure the model must be'),
    levels: z
      .array(z.enum(LEVELS))
      .min(1)
      .default(['INFO', 'WARNING', 'ERROR', 'CRITICAL'])
      .describe('levels whose records it is asked about, and those without a level'),
    wait_ms: z
      .int()
      .min(0)
      .max(MAX_WAIT_MS)
      .default(0)
      .describe('how long a batch with a new template is held for the answer; 0: records go on, and the next one has the answer'),
    prompt: z.string().min(1).optional().describe('prompt file of yours in place of the one that comes with trilog'),
    examples: z
      .int()
      .min(0)
      .max(16)
      .default(3)
      .describe('labelled examples in the prompt for each template, those nearest by the BERT encoder'),
    templates_per_request: z.int().min(1).max(32).default(8).describe('templates that go together, at most'),
    linger_ms: z.int().min(0).max(60_000).default(1000).describe('how long a template waits for others to go with'),
    max_waiting_templates: z
      .int()
      .min(1)
      .max(100_000)
      .default(1000)
      .describe('templates that may wait to be asked; others are asked when they come again'),
    max_requests_per_minute: z.int().min(1).default(30).describe('requests that begin within a minute, at most'),
    max_tokens_per_minute: z
      .int()
      .min(1000)
      .optional()
      .describe('tokens of the prompts and answers within a minute; no bound where it is absent'),
    max_tokens_per_day: z.int().min(10_000).default(500_000).describe('of the prompt and the answer, by the day in UTC'),
    max_concurrent_requests: z.int().min(1).max(16).default(2).describe('requests that are under way at a time, at most'),
    price_per_million_tokens: z
      .union([price, z.strictObject({ prompt: price, answer: price })])
      .default(0)
      .describe('for the estimate of the cost, in any currency; one number, or one for the prompt and one for the answer'),
    timeout_ms: z.int().min(100).max(600_000).default(60_000).describe('of one request, to the last byte of its answer'),
    max_response_bytes: z.int().min(4096).default(1_048_576).describe('size of an answer, unpacked, at most'),
    max_retries: z
      .int()
      .min(0)
      .max(10)
      .default(2)
      .describe('of a request that failed for what can heal, before its templates wait in line again'),
    redact: z
      .array(z.string().min(1))
      .default([])
      .describe('patterns of the site, in the syntax of RE2: what they match in a template is masked before it leaves'),
    unknown_words: z
      .enum(['mask', 'send'])
      .default('mask')
      .describe('words of a template that are not in the vocabulary of OpenStack logs: whether they are masked before it leaves'),
  })
  .describe('a language model for what no other stage is sure of; off where it is absent');

/** What was configured, with its files resolved. */
export interface LlmConfig extends Omit<z.output<typeof llmSchema>, 'ca_file' | 'prompt'> {
  /** Absolute; null for the usual authorities. */
  readonly caFile: string | null;
  /** Absolute. */
  readonly promptFile: string;
}

/** Levels of records that the model is asked about; those without a level are among them. */
export function askedLevels({ levels }: LlmConfig): ReadonlySet<Level> {
  return new Set<Level>([...levels, '']);
}

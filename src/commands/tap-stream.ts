import { z } from 'zod';
import { type ErrorCode, TrilogError } from '../errors.js';
import { StreamLines } from '../record/stream-lines.js';
import type { TapNote } from '../telemetry/tap/note.js';

/** A line of a tap: a document, as parsed and as it came, or counts. */
export type TapLine =
  | { readonly kind: 'record'; readonly document: object; readonly json: string }
  | { readonly kind: 'note'; readonly note: TapNote };

const count = z.int().min(0);

const noteSchema = z.object({
  tap: z.object({
    passed: count,
    matched: count,
    shown: count,
    left_out: z.object({ over_rate: count, slow_reader: count, too_large: count }),
    end: z.enum(['count', 'agent']).nullable(),
  }),
});

const PATIENCE_MS = 5000;
/** An agent's lines are shorter: what it shows of a record is bounded. */
const MAX_LINE_BYTES = 4_194_304;
const MAX_REASON_BYTES = 4096;

/** By status of HTTP. */
const REFUSALS: Readonly<Record<number, ErrorCode>> = { 400: 'USAGE', 403: 'TAP_REFUSED', 503: 'TAP_BUSY' };

/**
 * Asks an agent for a tap. @param query of `/tap`.
 * @returns its lines, once the agent has agreed. They end after a note with an `end`, and throw `AGENT_ENDED` where the connection ends before.
 * @throws TrilogError `USAGE`, `TAP_REFUSED` or `TAP_BUSY` in the agent's words, `AGENT_UNREACHABLE` where no agent answers.
 */
export async function openTap(base: string, query: URLSearchParams, signal: AbortSignal): Promise<AsyncGenerator<TapLine>> {
  const url = new URL('/tap', base);
  url.search = query.toString();
  const body = await answered(url, signal).catch((cause: unknown) => {
    if (cause instanceof TrilogError || signal.aborted) throw cause;
    throw new TrilogError('AGENT_UNREACHABLE', `${base}: ${reasonOf(cause)}`, { cause });
  });
  return linesOf(base, body);
}

async function answered(url: URL, signal: AbortSignal): Promise<ReadableStream<Uint8Array>> {
  // For the head of the answer only; what follows goes on.
  const late = new AbortController();
  const timer = setTimeout(() => late.abort(new Error(`no answer within ${PATIENCE_MS / 1000} seconds`)), PATIENCE_MS);
  try {
    const response = await fetch(url, { redirect: 'error', signal: AbortSignal.any([signal, late.signal]) });
    const code = REFUSALS[response.status];
    if (code !== undefined) throw new TrilogError(code, await beginning(response));
    if (!response.ok || response.body === null) throw new Error(`it answers ${response.status}`);
    if (!response.headers.get('content-type')?.startsWith('application/x-ndjson')) throw new Error('what it answers is not a tap');
    return response.body;
  } finally {
    clearTimeout(timer);
  }
}

async function* linesOf(base: string, body: ReadableStream<Uint8Array>): AsyncGenerator<TapLine> {
  const lines = new StreamLines(MAX_LINE_BYTES);
  const chunks = body[Symbol.asyncIterator]();
  for (;;) {
    const { done, value } = await chunks.next().catch((cause: unknown) => {
      throw new TrilogError('AGENT_ENDED', `${base}: the connection broke off: ${reasonOf(cause)}`, { cause });
    });
    if (done === true) throw new TrilogError('AGENT_ENDED', `${base}: the connection ended without a word`);
    for (const text of lines.feed(Buffer.from(value)).lines) {
      const line = parsed(base, text);
      yield line;
      if (line.kind === 'note' && line.note.end !== null) return;
    }
  }
}

function parsed(base: string, json: string): TapLine {
  let value: unknown;
  try {
    value = JSON.parse(json);
  } catch {
    value = null;
  }
  const note = noteSchema.safeParse(value);
  if (note.success) return { kind: 'note', note: note.data.tap };
  if (typeof value === 'object' && value !== null && 'trilog' in value) return { kind: 'record', document: value, json };
  throw new TrilogError('AGENT_UNREACHABLE', `${base}: what it answers is not a tap`);
}

/** The first line of a refusal; whoever answers may be somebody else. */
async function beginning({ body }: Response): Promise<string> {
  const parts: Uint8Array[] = [];
  let bytes = 0;
  for await (const part of body ?? []) {
    bytes += part.length;
    parts.push(part);
    if (bytes > MAX_REASON_BYTES) break;
  }
  const text = Buffer.concat(parts).subarray(0, MAX_REASON_BYTES).toString('utf8');
  return text.split('\n', 1)[0] ?? '';
}

function reasonOf(error: unknown): string {
  if (!(error instanceof Error)) return String(error);
  return error.cause instanceof Error ? error.cause.message || error.message : error.message;
}

import { z } from 'zod';
import { TrilogError } from '../errors.js';

const counts = z.record(z.string(), z.number());

/** What of `/status` is shown; whoever answers may be somebody else. */
const statusSchema = z.object({
  version: z.string(),
  state: z.string(),
  up_seconds: z.number(),
  records: z.number(),
  stages: counts,
  labels: counts,
  in_flight_bytes: z.number(),
  in_flight_limit_bytes: z.number(),
  inputs: z.array(
    z.object({
      name: z.string(),
      type: z.string(),
      lag: z.object({ unit: z.enum(['bytes', 'messages']), amount: z.number() }).nullable(),
      behind_seconds: z.number().nullable(),
      counts,
    }),
  ),
  outputs: z.array(
    z.object({
      name: z.string(),
      type: z.string(),
      queued_records: z.number(),
      failing: z.object({ reason: z.string(), for_seconds: z.number() }).nullable(),
      counts,
    }),
  ),
});

export type Status = z.output<typeof statusSchema>;

const PATIENCE_MS = 5000;
/** A status is a few kilobytes. */
const MAX_BYTES = 1_048_576;

/** Asks an agent how it stands. @throws TrilogError `AGENT_UNREACHABLE` where no agent answers there. */
export async function statusAt(base: string, signal: AbortSignal): Promise<Status> {
  try {
    const response = await fetch(new URL('/status', base), {
      redirect: 'error',
      signal: AbortSignal.any([signal, AbortSignal.timeout(PATIENCE_MS)]),
    });
    if (!response.ok) throw new Error(`it answers ${response.status}`);
    return statusSchema.parse(JSON.parse(await bounded(response)));
  } catch (cause) {
    throw new TrilogError('AGENT_UNREACHABLE', `${base}: ${reasonOf(cause)}`, { cause });
  }
}

async function bounded({ body }: Response): Promise<string> {
  const parts: Uint8Array[] = [];
  let bytes = 0;
  for await (const part of body ?? []) {
    bytes += part.length;
    if (bytes > MAX_BYTES) throw new Error('what it answers has no end');
    parts.push(part);
  }
  return Buffer.concat(parts).toString('utf8');
}

function reasonOf(error: unknown): string {
  if (error instanceof z.ZodError || error instanceof SyntaxError) return 'what it answers is not the status of an agent';
  if (!(error instanceof Error)) return String(error);
  return error.cause instanceof Error ? error.cause.message || error.message : error.message;
}

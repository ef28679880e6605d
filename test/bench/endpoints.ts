import { always, type Behaviour, drip, hang, huge, missing, raw, status, wrongLabel } from '../stages/llm/behaviours.js';
import { ScriptedServer } from '../stages/llm/scripted-server.js';

/** An endpoint of a language model, and what it does to whoever asks. */
export interface Endpoint {
  readonly name: string;
  readonly does: Behaviour;
  /** Nobody listens. */
  readonly closed?: true;
  /** With a certificate of an authority that nobody named. */
  readonly tls?: true;
}

const answers: Behaviour = () => null;

export const ENDPOINTS: readonly Endpoint[] = [
  { name: 'a server that answers', does: answers },
  { name: 'nobody listens', does: answers, closed: true },
  { name: 'a certificate of a stranger', does: answers, tls: true },
  { name: '400', does: status(400) },
  { name: '401', does: status(401) },
  { name: '429, Retry-After: 1', does: status(429, { 'retry-after': '1' }) },
  { name: '500', does: status(500) },
  { name: 'hangs', does: hang() },
  { name: '1 byte/s', does: drip(1) },
  { name: '50 MB', does: huge(50_000_000) },
  { name: 'no JSON', does: raw('<html>') },
  { name: 'wrong labels', does: wrongLabel() },
  { name: 'too few answers', does: missing() },
];

/** Starts it; closed ones are a port that refuses. Closing is idempotent. */
export async function started({
  does,
  closed,
  tls,
}: Endpoint): Promise<{ readonly server: ScriptedServer; readonly close: () => Promise<void> }> {
  const server = await ScriptedServer.start({ labelling: () => ({ label: 'other', confidence: 0.9 }), ...(tls && { tls: {} }) });
  server.script(always(does));
  let open = true;
  const close = async (): Promise<void> => {
    if (open) await server.close();
    open = false;
  };
  if (closed) await close();
  return { server, close };
}

/** Keys of `classify.llm` for it. */
export function llmKeys(baseUrl: string) {
  return { base_url: baseUrl, model: 'scripted', timeout_ms: 2000, max_requests_per_minute: 600 };
}

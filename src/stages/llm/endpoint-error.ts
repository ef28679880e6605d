/** Why there is no answer; few words, so that they can be counted by. */
export type EndpointReason = 'refused' | 'reset' | 'dns' | 'tls' | 'timeout' | 'connection' | 'too_large' | 'redirect' | 'invalid_response';

/** A request that brought no answer of HTTP, or one that is not taken. */
export class EndpointError extends Error {
  override readonly name = 'EndpointError';
  constructor(
    readonly reason: EndpointReason,
    message: string,
    options?: ErrorOptions,
  ) {
    super(message, options);
  }
}

/** What the codes of Node.js, OpenSSL and undici say; the first that fits. */
const REASONS: readonly (readonly [EndpointReason, RegExp])[] = [
  ['refused', /^ECONNREFUSED$/],
  ['reset', /^(?:ECONNRESET|EPIPE|UND_ERR_SOCKET)$/],
  ['dns', /^(?:ENOTFOUND|EAI_AGAIN)$/],
  ['tls', /CERT|SSL|TLS|SIGNATURE|ISSUER/],
  ['timeout', /TIMEOUT|TIMEDOUT/],
];

/** Reads what Node.js or undici throw where there is no connection, or none any more. */
export function connectionError(error: unknown): EndpointError {
  const codes = codesOf(error);
  const [reason] = REASONS.find(([, pattern]) => codes.some((code) => pattern.test(code))) ?? ['connection' as const];
  return new EndpointError(reason, deepest(error), { cause: error });
}

/** An error's code, and those of its causes. */
function codesOf(error: unknown, depth = 0): string[] {
  if (typeof error !== 'object' || error === null || depth > 5) return [];
  const { code, cause, errors } = error as { code?: unknown; cause?: unknown; errors?: unknown };
  const several = Array.isArray(errors) ? errors.flatMap((one) => codesOf(one, depth + 1)) : [];
  return [...(typeof code === 'string' ? [code] : []), ...codesOf(cause, depth + 1), ...several];
}

/** What went wrong: `fetch failed` says nothing, its cause does. */
function deepest(error: unknown, depth = 0): string {
  if (!(error instanceof Error)) return String(error);
  if (error instanceof AggregateError && error.errors.length > 0) return deepest(error.errors[0], depth + 1);
  return error.cause === undefined || depth > 5 ? error.message : deepest(error.cause, depth + 1);
}

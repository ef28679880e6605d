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

/** Reads what Node.js or undici throw where there is no connection, or none any more. */
export function connectionError(error: unknown): EndpointError {
  const codes = codesOf(error);
  const is = (test: (code: string) => boolean): boolean => codes.some(test);
  const reason = is((code) => code === 'ECONNREFUSED')
    ? 'refused'
    : is((code) => code === 'ECONNRESET' || code === 'EPIPE' || code === 'UND_ERR_SOCKET')
      ? 'reset'
      : is((code) => code === 'ENOTFOUND' || code === 'EAI_AGAIN')
        ? 'dns'
        : is((code) => /CERT|SSL|TLS|SIGNATURE|ISSUER/.test(code))
          ? 'tls'
          : is((code) => /TIMEOUT|TIMEDOUT/.test(code))
            ? 'timeout'
            : 'connection';
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

import OpenAI, { APIConnectionError, APIError } from 'openai';
import { ZodError } from 'zod';
import { type Abilities, abilitiesAfter } from './abilities.js';
import { EndpointError } from './bounded-fetch.js';

/** What a request failed of, and what is to be done. */
export type Fault =
  /** It can heal by itself or by an operator: again later, not before `afterMs` where the server says when. */
  | { readonly kind: 'outage'; readonly reason: string; readonly afterMs: number | null; readonly operator: boolean }
  /** The server does not take a parameter: again at once without it. */
  | { readonly kind: 'unsupported'; readonly reason: string; readonly abilities: Abilities }
  /** This content will never pass: fewer templates may. */
  | { readonly kind: 'refused'; readonly reason: string };

/** No server may silence us for longer, in milliseconds. */
const MAX_AFTER_MS = 600_000;
/** Codes of an answer that speaks of the content, of OpenAI, Azure and others. */
const CONTENT_CODES = new Set(['content_filter', 'content_policy_violation', 'context_length_exceeded', 'string_above_max_length']);
const TOO_LONG = /context (?:length|size|window)|too (?:long|large|many tokens)|maximum.{0,20}tokens/i;

/** What went wrong, for a person: the client library says no more than that there is no connection, its cause says why. */
export function messageOf(error: unknown, depth = 0): string {
  if (!(error instanceof Error)) return String(error);
  if (error instanceof AggregateError && error.message === '' && error.errors.length > 0) return messageOf(error.errors[0], depth + 1);
  const deeper = error instanceof APIError || error.message === 'fetch failed' ? error.cause : undefined;
  return deeper === undefined || depth > 5 ? error.message : messageOf(deeper, depth + 1);
}

/** Reads a failure of the client. @param abilities that the request made use of. @param now in milliseconds, to read `Retry-After`. */
export function faultOf(error: unknown, abilities: Abilities, now: number): Fault {
  const cause = error instanceof APIConnectionError && error.cause !== undefined ? error.cause : error;
  if (cause instanceof EndpointError) return outage(cause.reason);
  if (error instanceof SyntaxError || error instanceof ZodError) return outage('invalid_response');
  if (!(error instanceof APIError) || error.status === undefined) return outage(connectionReason(cause));
  const { status } = error;
  const reason = `http_${status}`;
  if (status === 400 || status === 404 || status === 413 || status === 415 || status === 422 || status === 501) {
    if (status === 413 || CONTENT_CODES.has(error.code ?? '') || TOO_LONG.test(error.message)) return { kind: 'refused', reason };
    const abler = abilitiesAfter(abilities, { param: error.param ?? '', message: error.message, vague: status !== 404 });
    if (abler !== null) return { kind: 'unsupported', reason, abilities: abler };
    if (status === 400 || status === 422) return { kind: 'refused', reason };
  }
  return {
    kind: 'outage',
    reason,
    afterMs: retryAfterMs(error.headers, now),
    operator: status < 500 && status !== 408 && status !== 409 && status !== 429,
  };
}

function outage(reason: string): Fault {
  return { kind: 'outage', reason, afterMs: null, operator: false };
}

/** `refused`, `reset`, `dns`, `tls` or `connection`: few names, so that they can be counted by. */
function connectionReason(error: unknown): string {
  const codes = codesOf(error);
  const is = (test: (code: string) => boolean): boolean => codes.some(test);
  if (is((code) => code === 'ECONNREFUSED')) return 'refused';
  if (is((code) => code === 'ECONNRESET' || code === 'EPIPE' || code === 'UND_ERR_SOCKET')) return 'reset';
  if (is((code) => code === 'ENOTFOUND' || code === 'EAI_AGAIN')) return 'dns';
  if (is((code) => /CERT|SSL|TLS|SIGNATURE|ISSUER/.test(code))) return 'tls';
  if (is((code) => /TIMEOUT|TIMEDOUT/.test(code))) return 'timeout';
  return error instanceof OpenAI.APIUserAbortError ? 'aborted' : 'connection';
}

/** An error's code, and those of its causes. */
function codesOf(error: unknown, depth = 0): string[] {
  if (typeof error !== 'object' || error === null || depth > 5) return [];
  const { code, cause, errors } = error as { code?: unknown; cause?: unknown; errors?: unknown };
  const several = Array.isArray(errors) ? errors.flatMap((one) => codesOf(one, depth + 1)) : [];
  return [...(typeof code === 'string' ? [code] : []), ...codesOf(cause, depth + 1), ...several];
}

/** `Retry-After` as seconds or a date (RFC 9110, 10.2.3), bounded; null without one. */
function retryAfterMs(headers: Headers | undefined, now: number): number | null {
  const value = headers?.get('retry-after') ?? null;
  if (value === null) return null;
  const ms = /^\d+(?:\.\d+)?$/.test(value) ? Number(value) * 1000 : Date.parse(value) - now;
  return Number.isNaN(ms) ? null : Math.min(MAX_AFTER_MS, Math.max(0, ms));
}

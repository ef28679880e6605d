import { APIConnectionError, APIConnectionTimeoutError, APIError } from 'openai';
import { ZodError } from 'zod';
import { harmless } from '../../record/profiles/pretty.js';
import { type Abilities, abilitiesAfter } from './abilities.js';
import type { LlmConfig } from './config.js';
import { EndpointError } from './endpoint-error.js';

/** What a request failed of, and what is to be done. */
export type Fault =
  /** It can heal by itself or by an operator: again later, not before `afterMs` where the server says when. */
  | { readonly kind: 'outage'; readonly reason: string; readonly afterMs: number | null; readonly operator: boolean }
  /** The server does not take a parameter: again at once without it. */
  | { readonly kind: 'unsupported'; readonly reason: string; readonly abilities: Abilities }
  /** This content will never pass: fewer templates may, or a shorter answer. */
  | { readonly kind: 'refused'; readonly reason: string };

/** No server may silence us for longer, in milliseconds. */
const MAX_AFTER_MS = 600_000;
/** Codes of an answer that speaks of the content, of OpenAI, Azure and others. */
const CONTENT_CODES = new Set(['content_filter', 'content_policy_violation', 'context_length_exceeded', 'string_above_max_length']);
const TOO_LONG = /context (?:length|size|window)|too (?:long|large|many tokens)|maximum.{0,20}tokens/i;
/** Statuses by which servers say that they do not take a request as it is. */
const NOT_SO = new Set([400, 404, 413, 415, 422, 501]);
/** Reasons after which the model may have worked for us, and may have to be paid. */
const MAY_BE_PAID = new Set(['timeout', 'reset', 'too_large', 'invalid_response']);
/** What a server says is told up to here, in characters. */
const MAX_TOLD = 300;
/** What is shorter is no secret, and may stand in any text. */
const SHORTEST_SECRET = 4;

/** Reads a failure of the client. @param abilities that the request made use of. @param now in milliseconds, to read `Retry-After`. */
export function faultOf(error: unknown, abilities: Abilities, now: number): Fault {
  const cause = error instanceof APIConnectionError && error.cause !== undefined ? error.cause : error;
  if (cause instanceof EndpointError) return outage(cause.reason);
  if (error instanceof APIConnectionTimeoutError) return outage('timeout');
  if (error instanceof SyntaxError || error instanceof ZodError) return outage('invalid_response');
  if (!(error instanceof APIError) || typeof error.status !== 'number') return outage('connection');
  const { status } = error;
  const reason = `http_${status}`;
  if (NOT_SO.has(status)) {
    const message = textOf(error.message);
    if (status === 413 || CONTENT_CODES.has(textOf(error.code)) || TOO_LONG.test(message)) return { kind: 'refused', reason };
    const abler = abilitiesAfter(abilities, { param: textOf(error.param), message, vague: status !== 404 });
    if (abler !== null) return { kind: 'unsupported', reason, abilities: abler };
    if (status === 400 || status === 422) return { kind: 'refused', reason };
  }
  const operator = status < 500 && status !== 408 && status !== 409 && status !== 429;
  return { kind: 'outage', reason, afterMs: retryAfterMs(error.headers, now), operator };
}

/** Whether what failed so may have to be paid all the same. */
export function mayBePaid({ reason }: Fault): boolean {
  return MAY_BE_PAID.has(reason);
}

/** What went wrong, for a person: one short line without what the configuration keeps secret, since servers repeat what they were given. */
export function toldOf(error: unknown, { api_key, headers, query }: Pick<LlmConfig, 'api_key' | 'headers' | 'query'>): string {
  const cause = error instanceof APIConnectionError && error.cause instanceof Error ? error.cause : error;
  const said = cause instanceof Error ? cause.message : String(cause);
  const secrets = [api_key ?? '', ...Object.values(headers), ...Object.values(query)].filter(({ length }) => length >= SHORTEST_SECRET);
  return harmless(secrets.reduce((text, secret) => text.replaceAll(secret, '***'), said).slice(0, MAX_TOLD));
}

function outage(reason: string): Fault {
  return { kind: 'outage', reason, afterMs: null, operator: false };
}

/** A server may send anything where a text belongs. */
function textOf(value: unknown): string {
  return typeof value === 'string' ? value : '';
}

/** `Retry-After` as seconds or a date (RFC 9110, 10.2.3), bounded; null without one. */
function retryAfterMs(headers: Headers | undefined, now: number): number | null {
  const value = headers?.get('retry-after') ?? null;
  if (value === null) return null;
  const ms = /^\d+(?:\.\d+)?$/.test(value) ? Number(value) * 1000 : Date.parse(value) - now;
  return Number.isNaN(ms) ? null : Math.min(MAX_AFTER_MS, Math.max(0, ms));
}

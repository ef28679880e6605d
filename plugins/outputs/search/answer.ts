import { STATUS_CODES } from 'node:http';
import { itemOutcome, type Outcome } from './outcome.js';

/** What a server said of one document of a bulk. */
export interface ItemAnswer {
  readonly outcome: Outcome;
  readonly status: number;
  /** For people; empty where it is stored. */
  readonly reason: string;
  /** It was there already. */
  readonly repeated: boolean;
  /** It did not fit the mapping, and is in the data stream's failure store instead. */
  readonly inFailureStore: boolean;
}

/** What of an answer to a bulk is read; servers leave the rest out. */
export const ANSWER_FILTER =
  'errors,items.*.status,items.*.error.type,items.*.error.reason,items.*.error.caused_by.reason,items.*.failure_store';

/** Reasons quote what they complain about, which may be long, and what causes them stands behind. */
const MAX_PART = 400;
const MAX_REASON = 1000;
const STORED: ItemAnswer = { outcome: 'stored', status: 201, reason: '', repeated: false, inFailureStore: false };

/**
 * What the server said of each document, in the order of the request. @throws where the answer is not the one to a bulk of so many documents: then nothing
 * is known of any.
 */
export function bulkAnswer(body: string, documents: number): readonly ItemAnswer[] {
  const answer: unknown = JSON.parse(body);
  const items = member(answer, 'items');
  if (!Array.isArray(items) || items.length !== documents)
    throw new Error(`the server answered for ${Array.isArray(items) ? items.length : 'none'} of ${documents} documents`);
  return items.map(itemAnswer);
}

function itemAnswer(item: unknown): ItemAnswer {
  const said = typeof item === 'object' && item !== null ? Object.values(item)[0] : undefined;
  const status = Number(member(said, 'status'));
  const inFailureStore = member(said, 'failure_store') === 'used';
  if (status === 201 && !inFailureStore) return STORED;
  const error = member(said, 'error');
  const type = textOf(member(error, 'type'));
  const reasons = [type, textOf(member(error, 'reason')), textOf(member(member(error, 'caused_by'), 'reason'))];
  const outcome = itemOutcome(status, type);
  const reason = outcome === 'stored' ? '' : `${status} ${reasons.filter((part) => part !== '').join(': ')}`.slice(0, MAX_REASON);
  return { outcome, status, reason, repeated: status === 409, inFailureStore };
}

/**
 * What a server says when it refuses a whole request, for people: its reason where it gives one, and the deepest cause under it, which names what is
 * wrong; else the beginning of the text, else what the status means.
 */
export function refusal(status: number, body: string): string {
  let reason = '';
  try {
    const error = member(JSON.parse(body), 'error');
    reason = typeof error === 'string' ? error : reasonOf(error);
  } catch {
    // A proxy's page, or half an answer.
  }
  return `${status} ${reason || body.trim() || (STATUS_CODES[status] ?? '')}`.replace(/\s+/g, ' ').trim().slice(0, MAX_REASON);
}

const MAX_DEPTH = 10;

function reasonOf(error: unknown): string {
  let cause = error;
  for (let depth = 0; depth < MAX_DEPTH; depth++) cause = member(cause, 'caused_by') ?? cause;
  const parts = [member(error, 'type'), member(error, 'reason'), member(cause, 'reason')].map(textOf);
  return [...new Set(parts)].filter(Boolean).join(': ');
}

export function member(value: unknown, name: string): unknown {
  return typeof value === 'object' && value !== null ? (value as Record<string, unknown>)[name] : undefined;
}

function textOf(value: unknown): string {
  if (typeof value !== 'string') return '';
  return value.length > MAX_PART ? `${value.slice(0, MAX_PART)}…` : value;
}

import type { LibrdKafkaError } from 'node-rdkafka';
import { inWords } from '../../kafka/words.js';

/**
 * What became of a step of a transaction: `again`: the same call may be made again; `abort`: the transaction has to be aborted; `replace`: the producer
 * cannot go on, and another one has to end what this one began.
 */
export type Outcome = { readonly kind: 'done' } | { readonly kind: 'again' | 'abort' | 'replace'; readonly text: string };

export const DONE: Outcome = { kind: 'done' };

export type TransactionError = Pick<LibrdKafkaError, 'message'> &
  Partial<Pick<LibrdKafkaError, 'isFatal' | 'isRetriable' | 'isTxnRequiresAbort'>>;

/** What librdkafka says of a step, as its guide to transactions wants it to be taken. What it does not explain ends the producer: another one finds out. */
export function outcomeOf(error: TransactionError | null | undefined): Outcome {
  if (error === null || error === undefined) return DONE;
  const { text } = inWords(error.message);
  if (error.isFatal === true) return { kind: 'replace', text };
  if (error.isTxnRequiresAbort === true) return { kind: 'abort', text };
  if (error.isRetriable === true) return { kind: 'again', text };
  return { kind: 'replace', text };
}

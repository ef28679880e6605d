import type { LibrdKafkaError } from 'node-rdkafka';

/**
 * What became of a step of a transaction: `again`: the same call may be made again; `abort`: the transaction has to be aborted; `replace`: the producer
 * cannot go on, and another one has to end what this one began.
 */
export type Outcome = { readonly kind: 'done' } | { readonly kind: 'again' | 'abort' | 'replace'; readonly text: string };

export const DONE: Outcome = { kind: 'done' };

/** Codes of librdkafka and of the brokers for a producer that another one has displaced, and for a member of the group that it happened to. */
const CODE = { fenced: -144, producerFenced: 90, invalidProducerEpoch: 47, fencedInstance: 82 } as const;

const FENCED =
  'another producer has the same transactional.id: a second agent runs with this `instance_id` or a copy of this `data_dir`, or this process stood still for longer than `transaction_timeout_ms`';
const REPLACED =
  'another member of the group has the same instance id: a second agent runs with this `instance_id` or a copy of this `data_dir`';

export type TransactionError = Pick<LibrdKafkaError, 'code' | 'message'> &
  Partial<Pick<LibrdKafkaError, 'isFatal' | 'isRetriable' | 'isTxnRequiresAbort'>>;

/** What librdkafka says of a step, as its guide to transactions wants it to be taken. What it does not explain ends the producer: another one finds out. */
export function outcomeOf(error: TransactionError | null | undefined): Outcome {
  if (error === null || error === undefined) return DONE;
  const text = inWordsOf(error);
  if (error.isFatal === true) return { kind: 'replace', text };
  if (error.isTxnRequiresAbort === true) return { kind: 'abort', text };
  if (error.isRetriable === true) return { kind: 'again', text };
  return { kind: 'replace', text };
}

function inWordsOf({ code, message }: TransactionError): string {
  if (code === CODE.fencedInstance) return `${REPLACED} (${message})`;
  const fenced = code === CODE.fenced || code === CODE.producerFenced || code === CODE.invalidProducerEpoch;
  return fenced ? `${FENCED} (${message})` : message;
}

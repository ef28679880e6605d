/** What became of one document, or of a whole request: what has to be done next. */
export type Outcome =
  /** It is stored, by this request or an earlier one. */
  | 'stored'
  /** Heals by itself: it is sent again. */
  | 'retry'
  /** The server failed over this document: perhaps by chance, perhaps each time. It is sent again {@link FAULTY_TRIES} times at most. */
  | 'faulty'
  /** Heals when an operator has put something right: it is sent again, and told loudly. */
  | 'refused'
  /** Never heals: the record is a dead letter. */
  | 'dead';

/** How often a document is sent over which the server fails; with the pauses between that is more than a minute. */
export const FAULTY_TRIES = 8;

/** Types of error that say that something is missing, forbidden or full on the server's side: no record is to blame. */
const OPERATORS = new Set([
  'index_not_found_exception',
  'index_closed_exception',
  'cluster_block_exception',
  'security_exception',
  'invalid_alias_name_exception',
]);
/** Types that mean too much work at the moment, whatever their status. */
const BUSY = new Set(['es_rejected_execution_exception', 'rejected_execution_exception', 'circuit_breaking_exception']);

/**
 * What became of one document of a bulk, by the status and the type of error that the server gave it
 * (https://www.elastic.co/docs/api/doc/elasticsearch/operation/operation-bulk). `type` is empty where there is none.
 */
export function itemOutcome(status: number, type: string): Outcome {
  if (status >= 200 && status < 300) return 'stored';
  // Something with this id is there already; ids are made of the record, so it is this one.
  if (status === 409) return 'stored';
  if (BUSY.has(type)) return 'retry';
  // An exception that nobody caught, in the server or in an ingest pipeline of its operator.
  if (status === 500) return 'faulty';
  if (status > 500) return 'retry';
  if (OPERATORS.has(type) || status === 401 || status === 403) return 'refused';
  if (status === 429 || status === 408) return 'retry';
  // A status that is none at all is a lie of the server, and no reason to give up a record.
  return status >= 400 ? 'dead' : 'retry';
}

/** What becomes of a request: its documents have outcomes of their own, or share one, or it has to be made smaller. */
export type RequestOutcome = 'items' | 'split' | 'retry' | 'refused';

/** What became of a whole bulk by its status. What is split and has one document left is a dead letter. */
export function requestOutcome(status: number): RequestOutcome {
  if (status === 200) return 'items';
  // One document that the server cannot even read spoils the request for all.
  if (status === 413 || status === 400) return 'split';
  if (status === 408 || status === 425 || status === 429 || status >= 500) return 'retry';
  // Credentials, a path or a proxy that is wrong: no document is to blame.
  return 'refused';
}

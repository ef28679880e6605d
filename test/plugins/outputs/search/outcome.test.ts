import test from 'ava';
import { itemOutcome, type Outcome, requestOutcome } from '../../../../plugins/outputs/search/outcome.js';

const ITEMS: readonly (readonly [status: number, type: string, outcome: Outcome, why: string])[] = [
  [200, '', 'stored', 'an update'],
  [201, '', 'stored', 'created'],
  [409, 'version_conflict_engine_exception', 'stored', 'it was created before'],
  [429, 'es_rejected_execution_exception', 'retry', 'the queue is full'],
  [429, 'rejected_execution_exception', 'retry', "the same of OpenSearch's"],
  [429, 'circuit_breaking_exception', 'retry', 'memory is short'],
  [503, 'circuit_breaking_exception', 'retry', 'the same of older servers'],
  [429, 'cluster_block_exception', 'refused', 'a disk is too full: an operator has to make room'],
  [403, 'cluster_block_exception', 'refused', 'the index is read-only'],
  [403, 'security_exception', 'refused', 'the credentials may not write there'],
  [401, 'security_exception', 'refused', 'the credentials have run out'],
  [403, '', 'refused', 'a proxy'],
  [503, 'cluster_block_exception', 'retry', 'the cluster has just started'],
  [404, 'index_not_found_exception', 'refused', 'indices are not made by themselves there'],
  [400, 'index_closed_exception', 'refused', 'somebody closed the index'],
  [408, '', 'retry', 'time was up'],
  [500, 'fail_processor_exception', 'faulty', 'an ingest pipeline gives up'],
  [500, 'null_pointer_exception', 'faulty', 'a fault of the server'],
  [500, 'es_rejected_execution_exception', 'retry', 'the queue is full all the same'],
  [502, '', 'retry', 'a proxy without a server'],
  [503, 'unavailable_shards_exception', 'retry', 'the shard has no home at the moment'],
  [504, '', 'retry', 'time was up'],
  [400, 'mapper_parsing_exception', 'dead', 'the document does not fit the mapping'],
  [400, 'document_parsing_exception', 'dead', 'the same of newer servers'],
  [400, 'illegal_argument_exception', 'dead', 'too many fields, an id that is too long'],
  [400, 'strict_dynamic_mapping_exception', 'dead', 'a field that the mapping forbids'],
  [404, 'document_missing_exception', 'dead', 'nothing to be changed'],
  [413, '', 'dead', 'the document alone is too large'],
  [422, '', 'dead', 'any other complaint about the document'],
  [0, '', 'retry', 'no status'],
  [Number.NaN, '', 'retry', 'no number'],
  [302, '', 'retry', 'not a status that a document can have'],
];

for (const [status, type, outcome, why] of ITEMS)
  test(`a document with ${status} ${type} is ${outcome}: ${why}`, (t) => t.is(itemOutcome(status, type), outcome));

const REQUESTS: readonly (readonly [status: number, outcome: ReturnType<typeof requestOutcome>])[] = [
  [200, 'items'],
  [400, 'split'],
  [413, 'split'],
  [401, 'refused'],
  [403, 'refused'],
  [404, 'refused'],
  [405, 'refused'],
  [301, 'refused'],
  [408, 'retry'],
  [425, 'retry'],
  [429, 'retry'],
  [500, 'retry'],
  [502, 'retry'],
  [503, 'retry'],
  [504, 'retry'],
  [0, 'refused'],
];

for (const [status, outcome] of REQUESTS)
  test(`a request that is answered ${status} as a whole: ${outcome}`, (t) => t.is(requestOutcome(status), outcome));

import { createHash } from 'node:crypto';
import type { Rejection } from '../../../src/plugin/contract.js';
import type { LogRecord } from '../../../src/record/record.js';

/** Documents in the form of a bulk request, and what has become of them so far. */
export interface Bulk {
  /** For each document a line that says what to do with it, and one with itself (NDJSON). */
  readonly body: Buffer;
  /** Where the lines of each document end in the body. */
  readonly ends: readonly number[];
  /** The records, where the documents do not hold all of them; else null, so that they need not be kept. */
  readonly records: readonly LogRecord[] | null;
  /** Documents that are not settled yet. */
  open: readonly number[];
  /** How often the server failed over a document, by its index. */
  readonly failures: Map<number, number>;
  /** Documents that the server will never take. */
  readonly dead: Rejection[];
}

/** A document of a bulk. */
export interface Item {
  readonly bulk: Bulk;
  readonly index: number;
}

/** Both kinds of server refuse longer ids. */
const MAX_ID_BYTES = 512;

/** A record's id as a document may have it: of ASCII that JSON has as it is. An id that another gave may be anything, and is then hashed. */
export function documentId(id: string): string {
  if (id.length <= MAX_ID_BYTES && /^[\w.:-]+$/.test(id) && !id.startsWith('_')) return id;
  return createHash('sha256').update(id).digest('hex');
}

/** Requests of at most so many bytes for all that is not settled, in order; a document that is longer alone. */
export function requestsOf(bulks: readonly Bulk[], maxBytes: number): Item[][] {
  const requests: Item[][] = [];
  let request: Item[] = [];
  let bytes = 0;
  for (const bulk of bulks) {
    for (const index of bulk.open) {
      const length = lengthOf(bulk, index);
      if (request.length > 0 && bytes + length > maxBytes) {
        requests.push(request);
        request = [];
        bytes = 0;
      }
      request.push({ bulk, index });
      bytes += length;
    }
  }
  if (request.length > 0) requests.push(request);
  return requests;
}

/** The body of a request; what lies together in a bulk is copied together. */
export function bodyOf(items: readonly Item[]): Buffer {
  const pieces: Buffer[] = [];
  let from = 0;
  for (let i = 1; i <= items.length; i++) {
    const last = items[i - 1] as Item;
    const next = items[i];
    if (next !== undefined && next.bulk === last.bulk && next.index === last.index + 1) continue;
    const first = items[from] as Item;
    pieces.push(first.bulk.body.subarray(startOf(first.bulk, first.index), last.bulk.ends[last.index]));
    from = i;
  }
  return pieces.length === 1 ? (pieces[0] as Buffer) : Buffer.concat(pieces);
}

/** The document of an item as JSON, without its line end. */
export function documentOf({ bulk, index }: Item): string {
  const lines = bulk.body.subarray(startOf(bulk, index), bulk.ends[index]);
  return lines.toString('utf8', lines.indexOf(10) + 1, lines.length - 1);
}

/** These are settled; each is one that was open. */
export function settle(items: readonly Item[]): void {
  const settled = new Map<Bulk, Set<number>>();
  for (const { bulk, index } of items) {
    const indices = settled.get(bulk);
    if (indices === undefined) settled.set(bulk, new Set([index]));
    else indices.add(index);
  }
  for (const [bulk, indices] of settled)
    bulk.open = indices.size === bulk.open.length ? [] : bulk.open.filter((index) => !indices.has(index));
}

function startOf(bulk: Bulk, index: number): number {
  return index === 0 ? 0 : (bulk.ends[index - 1] as number);
}

function lengthOf(bulk: Bulk, index: number): number {
  return (bulk.ends[index] as number) - startOf(bulk, index);
}

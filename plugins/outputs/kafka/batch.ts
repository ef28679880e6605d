import type { Rejection } from '../../../src/plugin/contract.js';
import type { LogRecord } from '../../../src/record/record.js';
import { type Headers, withId } from './headers.js';
import type { Message } from './producer-link.js';

/** Messages, and what has become of them so far. */
export interface Batch {
  /** The values, one behind the other. */
  readonly body: Buffer;
  /** Where each ends in the body. */
  readonly ends: readonly number[];
  readonly topics: readonly string[];
  /** Null where none has one. */
  readonly keys: readonly (string | null)[] | null;
  /** When each was written, in milliseconds since the epoch. */
  readonly times: readonly number[];
  /** Without the id; null where none has any. */
  readonly commonHeaders: readonly Headers[] | null;
  /** For their headers; null where those do not tell them. */
  readonly ids: readonly string[] | null;
  /** The records, where the messages do not hold all of them; else null, so that they need not be kept. */
  readonly records: readonly LogRecord[] | null;
  /** By message: 1 once it needs no more work. */
  readonly settled: Uint8Array;
  readonly dead: Rejection[];
}

/** Messages of a batch that are not settled yet. */
export interface Part {
  readonly batch: Batch;
  readonly indices: readonly number[];
}

/** The value of a message, in the memory of the batch. */
export function messageOf({ body, ends }: Batch, index: number): Buffer {
  return body.subarray(index === 0 ? 0 : ends[index - 1], ends[index]);
}

/** A message as it is handed over. */
export function outgoing(batch: Batch, index: number): Message {
  const { topics, keys, times } = batch;
  return {
    topic: topics[index] as string,
    value: messageOf(batch, index),
    key: keys?.[index] ?? null,
    time: times[index] as number,
    headers: headersOf(batch, index),
  };
}

/** Undefined where it has none. */
export function headersOf({ commonHeaders, ids }: Batch, index: number): Headers | undefined {
  const common = commonHeaders?.[index];
  const id = ids?.[index];
  return common === undefined || id === undefined ? common : withId(common, id);
}

/** Of that value, without a view of it. */
function lengthOf({ ends }: Batch, index: number): number {
  return (ends[index] ?? 0) - (ends[index - 1] ?? 0);
}

/** Of all values. */
export function bytesOf(parts: readonly Part[]): number {
  return parts.reduce((sum, { batch, indices }) => sum + indices.reduce((bytes, index) => bytes + lengthOf(batch, index), 0), 0);
}

/** All that is open, in order. */
export function openParts(batches: readonly Batch[]): Part[] {
  const parts: Part[] = [];
  for (const batch of batches) {
    const indices: number[] = [];
    for (let i = 0; i < batch.ends.length; i++) if (batch.settled[i] === 0) indices.push(i);
    if (indices.length > 0) parts.push({ batch, indices });
  }
  return parts;
}

/** Two halves by number of messages, in order; null where there is but one message. */
export function halves(parts: readonly Part[]): readonly [Part[], Part[]] | null {
  const count = parts.reduce((sum, { indices }) => sum + indices.length, 0);
  if (count < 2) return null;
  const [first, second]: [Part[], Part[]] = [[], []];
  let left = Math.ceil(count / 2);
  for (const { batch, indices } of parts) {
    if (left > 0) first.push({ batch, indices: indices.slice(0, left) });
    if (left < indices.length) second.push({ batch, indices: indices.slice(Math.max(0, left)) });
    left -= indices.length;
  }
  return [first, second];
}

/** Groups of at most so many bytes, in order; a longer message alone. */
export function groupsOf(parts: readonly Part[], maxBytes: number): Part[][] {
  const groups: Part[][] = [];
  let group: Part[] = [];
  let bytes = 0;
  for (const { batch, indices } of parts) {
    let run: number[] = [];
    for (const index of indices) {
      const length = lengthOf(batch, index);
      if (bytes > 0 && bytes + length > maxBytes) {
        if (run.length > 0) group.push({ batch, indices: run });
        groups.push(group);
        [group, run, bytes] = [[], [], 0];
      }
      run.push(index);
      bytes += length;
    }
    if (run.length > 0) group.push({ batch, indices: run });
  }
  if (group.length > 0) groups.push(group);
  return groups;
}

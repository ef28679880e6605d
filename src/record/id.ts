import type { LogRecord } from './record.js';

/** As much of the message as takes part in the id: enough to tell a rewritten file from the one before. */
const HASHED_CHARACTERS = 24;

/**
 * The last part of a record's id, beside source and position: a hash (30 bits of FNV-1a) of its time and the beginning of its first line.
 * Not of the rest, because how many lines were joined to it may differ between two readings.
 */
export function checksumOf(record: LogRecord): number {
  const message = record.message;
  const length = Math.min(message.length, HASHED_CHARACTERS);
  let hash = Math.imul(0x811c9dc5 ^ (record.timestamp | 0), 0x01000193);
  for (let i = 0; i < length; i++) {
    const code = message.charCodeAt(i);
    if (code === 10) break;
    hash = Math.imul(hash ^ code, 0x01000193);
  }
  return hash & 0x3fffffff;
}

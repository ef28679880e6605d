import type { LogRecord } from './record.js';

/** As much of the message as takes part in the id: enough to tell a rewritten file from the one before. */
const HASHED_CHARACTERS = 24;

/**
 * The deterministic id of a record: source, position, and a hash (FNV-1a, 30 bits of it) of its time and the
 * beginning of its first line. Not of the rest, because how
 * many lines were joined to it may differ between two readings; the position alone tells records of one source apart.
 */
export function recordId(record: LogRecord): string {
  const message = record.message;
  const length = Math.min(message.length, HASHED_CHARACTERS);
  let hash = Math.imul(0x811c9dc5 ^ (record.timestamp | 0), 0x01000193);
  for (let i = 0; i < length; i++) {
    const code = message.charCodeAt(i);
    if (code === 10) break;
    hash = Math.imul(hash ^ code, 0x01000193);
  }
  return `${record.source.id}-${record.offset}-${hash & 0x3fffffff}`;
}

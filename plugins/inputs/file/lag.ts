import { isGzip } from '../../../src/record/log-name.js';
import type { Entry } from './positions.js';
import { lookAt } from './probe.js';
import type { TrackedFile } from './tracked-file.js';

type Measured = Pick<TrackedFile, 'entry' | 'state' | 'content' | 'path' | 'size' | 'looked'>;

/**
 * Bytes that are in files and not stored. The files are looked at here and now: while an output holds the reading back nobody else looks.
 * @param entries every content that is remembered; of one that is not read any more only what was given out of it counts
 * @param files those that are being read, by their entry's id
 */
export function bytesBehind(entries: Iterable<Pick<Entry, 'id' | 'read' | 'offset'>>, files: ReadonlyMap<string, Measured>): number {
  let behind = 0;
  for (const { id, read, offset } of entries) {
    const file = files.get(id);
    const end = file === undefined ? read : (sizeOf(file) ?? Math.max(read, file.looked));
    behind += Math.max(0, end - offset);
  }
  return behind;
}

/** Null where it cannot be told: of a compressed file, and of one whose name leads elsewhere or nowhere. */
function sizeOf({ content, state, path, entry, size }: Measured): number | null {
  if (isGzip(path)) return null;
  try {
    if (content !== null) return content.stat()?.size ?? null;
  } catch {
    return null;
  }
  if (state !== 'live') return size < 0 ? null : size;
  const seen = lookAt(path);
  return seen !== undefined && seen.dev === entry.dev && seen.ino === entry.ino ? seen.size : null;
}

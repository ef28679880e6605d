/** What is known of a file that is being read. */
export interface Known {
  readonly dev: number;
  readonly ino: number;
  /** So many bytes of it are known, the start of an unfinished line among them. */
  readonly position: number;
  /** Size and time of the last look. */
  readonly size: number;
  readonly mtimeMs: number;
}

/** What the file system says of a name now. */
export interface Seen {
  readonly dev: number;
  readonly ino: number;
  readonly size: number;
  readonly mtimeMs: number;
}

/**
 * What became of the file behind a name:
 * - `idle`: nothing;
 * - `grown`: read on, and check its first bytes while there: it may have been rewritten;
 * - `refilled`: it was empty and is not, or was written to meanwhile: what it holds may not be the first since;
 * - `truncated`: it is shorter than what is known of it, so it holds something else now;
 * - `replaced`: the name leads to another file; the former is drained first;
 * - `gone`: the name leads nowhere.
 */
export type Verdict = 'idle' | 'grown' | 'refilled' | 'truncated' | 'replaced' | 'gone';

/** Decides by inode, size and time alone; the content is compared when it is read. */
export function judge(known: Known, seen: Seen | undefined): Verdict {
  if (seen === undefined) return 'gone';
  if (seen.dev !== known.dev || seen.ino !== known.ino) return 'replaced';
  if (seen.size < known.position) return 'truncated';
  if (known.position === 0 && (seen.size > 0 || seen.mtimeMs !== known.mtimeMs)) return 'refilled';
  // A rewrite to the very same size shows in the time only.
  return seen.size !== known.size || seen.mtimeMs !== known.mtimeMs ? 'grown' : 'idle';
}

/** What a file without a name of its own does next. Times in milliseconds on one clock. */
export function judgeDetached(
  size: number,
  file: { readonly looked: number; readonly quietSince: number; readonly complete: boolean },
  now: number,
  rotateWaitMs: number,
): 'grown' | 'wait' | 'finish' {
  if (size > file.looked) return 'grown';
  return file.complete || size < file.looked || now - file.quietSince >= rotateWaitMs ? 'finish' : 'wait';
}

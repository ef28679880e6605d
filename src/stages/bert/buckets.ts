export interface BucketLimits {
  /** Texts that are asked together. */
  readonly rows: number;
  /** Tokens of one inference with the padding: they bound its memory. */
  readonly tokens: number;
  /** The longest text of a bucket may be so many times as long as the shortest. */
  readonly stretch: number;
}

/** Padding of short texts costs less than an inference of their own. */
const SHORT = 8;

/**
 * Which texts go through the model together: rows of about one length, since each is padded to the longest.
 * @param lengths in tokens. Returns the indexes of each bucket; the first bucket is that of the shortest texts.
 */
export function buckets(lengths: readonly number[], limits: BucketLimits): number[][] {
  const order = lengths.map((_, i) => i).sort((a, b) => (lengths[a] ?? 0) - (lengths[b] ?? 0));
  const found: number[][] = [];
  let open: number[] = [];
  let longestAllowed = 0;
  for (const i of order) {
    const length = lengths[i] ?? 0;
    if (open.length > 0 && (open.length >= limits.rows || length > longestAllowed || (open.length + 1) * length > limits.tokens)) {
      found.push(open);
      open = [];
    }
    if (open.length === 0) longestAllowed = Math.max(SHORT, length) * limits.stretch;
    open.push(i);
  }
  if (open.length > 0) found.push(open);
  return found;
}

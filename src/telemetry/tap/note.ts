/**
 * A line of a tap's stream that is no record: `{"tap":{…}}`. One comes every few seconds, and one last; after that with `end` nothing comes. Counts are since
 * the tap began; `matched` is the sum of what was shown, left out, and is still to be shown.
 */
export interface TapNote {
  /** Records that passed through the agent. */
  readonly passed: number;
  /** Those of them that the filters let through. */
  readonly matched: number;
  readonly shown: number;
  readonly left_out: {
    /** More matched than the rate allows. */
    readonly over_rate: number;
    /** The reader had not taken what was there before. */
    readonly slow_reader: number;
    readonly too_large: number;
  };
  /** Why nothing follows: the count has been reached, or the agent ends; null where more may come. */
  readonly end: 'count' | 'agent' | null;
}

export function noteLine(note: TapNote): string {
  return `${JSON.stringify({ tap: note })}\n`;
}

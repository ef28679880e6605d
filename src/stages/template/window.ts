/** How much of a message is looked at: what the template's bound leaves of a usual text, with room for the values that are masked away. */
const WINDOW = 2_048;
/** Only these lines of a message count; the rest is output of commands and bodies. */
const MAX_LINES = 3;
const TRACEBACK = 'Traceback (most recent call last)';

/** Where the part of the message ends that is looked at. */
export function windowOf(message: string): number {
  const limit = Math.min(message.length, WINDOW);
  let lines = 0;
  let at = message.indexOf('\n');
  while (at >= 0 && at < limit) {
    if (++lines >= MAX_LINES || message.startsWith(TRACEBACK, at + 1)) return at;
    at = message.indexOf('\n', at + 1);
  }
  return limit;
}

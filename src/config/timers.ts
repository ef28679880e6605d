/** Timers of Node.js fire at once if they are to wait longer, in milliseconds. */
export const MAX_TIMER_MS = 2_147_483_647;

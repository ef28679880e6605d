const ESCAPE = /\x1b\[[0-9;]{0,20}[A-Za-z]/g;

/** The text without the escape sequences that colour it on a terminal. */
export function stripAnsi(text: string): string {
  return text.includes('\x1b') ? text.replace(ESCAPE, '') : text;
}

import type { ComponentLog } from '../plugin/contract.js';

const silent = (): void => {};

/** What a command has to say beside its result: warnings and errors, a line each, on standard error. */
export const commandLog: ComponentLog = { debug: silent, info: silent, warn: say, error: say };

function say(message: string, fields: Record<string, unknown> = {}): void {
  const rest = Object.entries(fields).map(([name, value]) => ` ${name}=${String(value)}`);
  process.stderr.write(`${message}${rest.join('')}\n`);
}

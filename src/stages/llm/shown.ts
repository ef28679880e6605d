import type { EntryKey } from '../memory/entry.js';
import type { Redaction } from './redaction/redaction.js';

/** What the model is shown of a template. */
interface ShownTemplate {
  /** `ERROR nova.compute.manager: Instance failed to spawn` */
  readonly text: string;
  /** The same without the level. */
  readonly said: string;
}

/** Only what may leave of a template, whoever's it is: an example of a user's rule may hold what nobody else may see. */
export function shownOf({ level, logger, template }: EntryKey, redaction: Redaction): ShownTemplate {
  const where = redaction.logger(logger);
  const words = redaction.text(template);
  return { text: headed([level, where], words), said: headed([where], words) };
}

function headed(parts: readonly string[], words: string): string {
  const head = parts.filter((part) => part !== '').join(' ');
  return head === '' ? words : `${head}: ${words}`;
}

import type { LogRecord } from '../record.js';

/** What trilog found of a record: the object `trilog` of every profile, without what only that profile has. Values that are undefined are not written. */
export function verdictOf(record: LogRecord): object {
  const { label, confidence, stage, rule, guess, template, templateId, novel, format } = record;
  const ofTemplate = templateId === '' ? null : { template, template_id: templateId, novel };
  return { label, confidence, stage, rule: rule || undefined, guess: guess ?? undefined, ...ofTemplate, format };
}

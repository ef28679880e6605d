import type { LogRecord } from '../../record/record.js';
import { type EntryKey, MAX_LOGGER } from '../memory/entry.js';
import { modelText } from './model-text.js';
import { templateOf } from './template.js';

/** Who says it: the logger or, where a format has none, the program. Cut, so that a hostile one costs no more than others. */
export function whereOf({ logger, program }: Pick<LogRecord, 'logger' | 'program'>): string {
  const where = logger === '' ? program : logger;
  return where.length > MAX_LOGGER ? where.slice(0, MAX_LOGGER) : where;
}

/** What names the template of a record, and what BERT is given for it. */
export function questionOf(record: Pick<LogRecord, 'level' | 'logger' | 'program' | 'message' | 'error'>): { key: EntryKey; text: string } {
  const key = { level: record.level, logger: whereOf(record), template: templateOf(record) };
  return { key, text: modelText(key.logger, key.level, key.template) };
}

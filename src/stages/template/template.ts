import type { LogRecord } from '../../record/record.js';
import { MAX_TEMPLATE, maskMessage } from './mask.js';

/** The longest text of an exception that a template holds, in characters. */
const MAX_ERROR = 160;

/** The parts of a record that decide its template. */
export type TemplateSource = Pick<LogRecord, 'message'> & { readonly error: { readonly type: string; readonly message: string } | null };

/**
 * The template of a record: its masked message and, where the message does not name it already, the exception that it reports. Two records of one
 * logger and level with one template get one answer.
 */
export function templateOf(record: TemplateSource): string {
  const masked = maskMessage(record.message);
  const { error } = record;
  if (error === null || error.type === '') return masked;
  const type = error.type.slice(error.type.lastIndexOf('.') + 1, error.type.length).slice(0, 80);
  if (type === '' || masked.includes(type)) return masked;
  const text = maskMessage(`${type}: ${error.message.slice(0, 1_024)}`).slice(0, MAX_ERROR);
  const room = MAX_TEMPLATE - text.length - 2;
  const blank = masked.lastIndexOf(' ', room);
  const head = masked.length > room ? masked.slice(0, blank < 0 ? room : blank) : masked;
  return head === '' ? text : `${head}: ${text}`;
}

import type { LogRecord } from '../../../src/record/record.js';

/** Below this, in characters, the text is not what makes it long. */
const LEAST = 256;

/**
 * The record with its texts cut so that its document is not longer than that, and marked as truncated; without what the line carried by its own names where
 * cutting the texts does not help; null where nothing helps. The record itself is left as it is.
 * @param lengthOf says how long the document of a record is, in bytes.
 */
export function shortened(record: LogRecord, maxBytes: number, lengthOf: (record: LogRecord) => number): LogRecord | null {
  let keep = Math.max(record.message.length, record.error?.stackTrace.length ?? 0);
  let fields = record.fields;
  for (;;) {
    const cut = cutAt(record, keep, fields);
    const length = lengthOf(cut);
    if (length <= maxBytes) return cut;
    if (keep > LEAST) keep = Math.max(LEAST, Math.floor(keep * Math.min(0.9, maxBytes / length)));
    else if (fields !== null) fields = null;
    else return null;
  }
}

function cutAt(record: LogRecord, keep: number, fields: LogRecord['fields']): LogRecord {
  const { error } = record;
  return Object.assign(Object.create(Object.getPrototypeOf(record)), record, {
    message: upTo(record.message, keep),
    template: upTo(record.template, keep),
    error: error === null ? null : { ...error, message: upTo(error.message, keep), stackTrace: upTo(error.stackTrace, keep) },
    fields,
    truncated: true,
  });
}

/** Half of a character that takes two places would be none. */
function upTo(text: string, keep: number): string {
  if (text.length <= keep) return text;
  const last = text.charCodeAt(keep - 1);
  return text.slice(0, last >= 0xd800 && last < 0xdc00 ? keep - 1 : keep);
}

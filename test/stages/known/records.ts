import { LogRecord } from '../../../src/record/record.js';
import { compileStatements, type LabelledStatement } from '../../../src/stages/known/compile.js';
import { KnownStatements } from '../../../src/stages/known/known-statements.js';

/** A record as the decoder would make it. */
export function recordOf(logger: string, message: string, error: Partial<LogRecord['error']> | null = null): LogRecord {
  const source = { id: 's', input: 'test', name: 's', program: '', host: '', timezone: 'Etc/UTC', format: 'auto' };
  const record = new LogRecord(source, 0, message);
  record.logger = logger;
  if (error !== null) record.error = { type: '', message: '', stackTrace: '', ...error };
  return record;
}

export const LABELS = ['instance.lifecycle', 'instance.failure', 'network.port', 'storage.attachment', 'service.internal_error'];

/** Any match answers, with a confidence that tells its cell: nearness, words only or not, literal words up to three. */
export const EVERY_CELL = Array.from({ length: 6 }, (_, row) => [1, 2, 3].map((words) => (row * 10 + words) / 100));

type Short = readonly [logger: string, template: string, label: string | null, second?: string];

export function setOf(...statements: readonly Short[]) {
  const rows: LabelledStatement[] = statements.map(([logger, template, label, second]) => ({
    logger,
    template,
    label,
    second: second ?? null,
  }));
  return compileStatements(rows, LABELS, EVERY_CELL);
}

export function knownOf(...statements: readonly Short[]): KnownStatements {
  return new KnownStatements(setOf(...statements));
}

import { z } from 'zod';
import { DECODER_NAMES } from '../record/decode.js';
import { decodeText } from '../record/decode-text.js';
import { errorSummary } from '../record/exception.js';
import { levelOf } from '../record/level.js';
import { programOf } from '../record/log-name.js';
import { recordFromCsv } from '../record/profiles/csv.js';
import { isOwnDocument, recordFromEcs } from '../record/profiles/ecs-reader.js';
import { FORMATS, LogRecord } from '../record/record.js';
import type { Source } from '../record/source.js';
import type { Taxonomy } from '../stages/taxonomy.js';
import type { Labelled } from './labelled.js';

/** What a row says, by its columns or keys, and what it is. */
export interface Row {
  /** `result`: cells of a CSV file that trilog wrote, which has a column of every field of a record. */
  readonly kind: 'json' | 'csv' | 'result';
  readonly value: unknown;
  /** Line of the labels file, from 1. */
  readonly line: number;
}

/** How files say that a line has none. */
const NO_LEVEL: ReadonlySet<string> = new Set(['', '-']);

const text = z.string();
/** CSV has no absent values, only empty ones. */
const optional = z
  .string()
  .nullish()
  .transform((value) => value || null);

const labelsSchema = z.looseObject({ expected: optional, label: optional, alt: optional });

const originSchema = z.looseObject({ file: optional, source: optional });

const placeSchema = originSchema.extend({ program: optional, service: optional });

const saidSchema = placeSchema.extend({
  logger: text,
  level: text.refine((level) => NO_LEVEL.has(level) || levelOf(level) !== '', { error: ({ input }) => `"${String(input)}" is no level` }),
  message: text.min(1, 'it is empty'),
  error_type: optional,
  error_message: optional,
  format: optional.pipe(z.enum(FORMATS).nullable()),
});

const lineSchema = placeSchema.extend({
  line: text.min(1, 'it is empty'),
  format: optional.refine((format) => format === null || DECODER_NAMES.includes(format), `one of ${DECODER_NAMES.join(', ')}`),
});

/** A record, or what is wrong with the row that should hold one. */
type Found = { readonly record: LogRecord; readonly origin: string } | readonly string[];

/**
 * The labelled record of a row, or all that is wrong with it. A row holds a document that trilog wrote, a raw `line`, or `logger`, `level` and
 * `message`; and `label`, or `expected`, which wins, since a result of trilog has a `label` of its own.
 * @param base the source of records of which the row says nothing else.
 */
export function readRow({ kind, value, line }: Row, base: Source, taxonomy: Taxonomy): Labelled | readonly string[] {
  if (typeof value !== 'object' || value === null || Array.isArray(value)) return ['it is no object'];
  const labels = readLabels(value, taxonomy);
  const found = readRecord(kind, value as Readonly<Record<string, unknown>>, base);
  if ('record' in found && 'label' in labels) return { ...found, ...labels, line };
  return [labels, found].flatMap((part) => (isProblems(part) ? part : []));
}

function isProblems(part: object): part is readonly string[] {
  return Array.isArray(part);
}

function readLabels(value: object, taxonomy: Taxonomy): Pick<Labelled, 'label' | 'alt'> | readonly string[] {
  const parsed = labelsSchema.safeParse(value);
  if (!parsed.success) return problemsOf(parsed.error);
  const { expected, label: plain, alt } = parsed.data;
  const label = expected ?? plain;
  if (label === null) return ['label: there is none, nor `expected`'];
  const strangers = Object.entries({ [expected === null ? 'label' : 'expected']: label, alt }).filter(
    ([, name]) => name !== null && !taxonomy.has(name),
  );
  if (strangers.length > 0) return strangers.map(([key, name]) => `${key}: "${name}" is not a label of the taxonomy`);
  return { label, alt: alt === label ? null : alt };
}

function readRecord(kind: Row['kind'], value: Readonly<Record<string, unknown>>, base: Source): Found {
  if (kind === 'result') return ownRecord(recordFromCsv(value as Readonly<Record<string, string>>, base), value, base);
  if (isOwnDocument(value)) return ownRecord(recordFromEcs(value, base), value, base);
  return 'line' in value && value['line'] !== '' ? readLine(value, base) : readSaid(value, base);
}

/** The log that a result names is the record's source, unless the row says better. */
function ownRecord(record: LogRecord, value: object, base: Source): Found {
  const { name } = record.source;
  return { record, origin: originOf(originSchema.safeParse(value).data) || (name === base.name ? '' : name) };
}

function readLine(value: object, base: Source): Found {
  const parsed = lineSchema.safeParse(value);
  if (!parsed.success) return problemsOf(parsed.error);
  const { line, format } = parsed.data;
  const { source, origin } = placeOf(parsed.data, base);
  const records = decodeText(line, { ...source, format: format ?? 'auto' });
  const [record] = records;
  if (record === undefined || records.length > 1) return [`line: it holds ${records.length} records, not one`];
  return { record, origin };
}

function readSaid(value: object, base: Source): Found {
  const parsed = saidSchema.safeParse(value);
  if (!parsed.success) return problemsOf(parsed.error);
  const { logger, level, message, error_type: type, error_message: said, format } = parsed.data;
  const { source, origin } = placeOf(parsed.data, base);
  const record = new LogRecord(source, 0, message);
  record.logger = logger;
  record.level = levelOf(level);
  record.format = format ?? (logger === '' ? 'raw' : 'oslo');
  // What the decoders find in a message that they decode.
  record.error = type === null ? errorSummary(message, record.level) : { type, message: said ?? '', stackTrace: '' };
  return { record, origin };
}

/** A program is told by the row, or by the name of the log, as for any input. */
function placeOf(row: z.output<typeof placeSchema>, base: Source): { source: Source; origin: string } {
  const origin = originOf(row);
  const program = row.program ?? row.service ?? (origin === '' ? '' : programOf(origin));
  return { source: { ...base, name: origin || base.name, program }, origin };
}

function originOf(row: z.output<typeof originSchema> | undefined): string {
  return row?.file ?? row?.source ?? '';
}

function problemsOf(error: z.ZodError): readonly string[] {
  return error.issues.map(({ path, message }) => `${path.join('.')}: ${message}`);
}

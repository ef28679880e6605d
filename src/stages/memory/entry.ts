import { createHash } from 'node:crypto';
import { crc32 } from 'node:zlib';
import { z } from 'zod';
import { LEVELS } from '../../record/record.js';
import { MAX_TEMPLATE } from '../template/mask.js';

/** No logger is longer, in characters. */
export const MAX_LOGGER = 255;

const guessSchema = z.object({ label: z.string(), confidence: z.number().min(0).max(1) });

/** The likeliest labels, the likeliest first. Whether the first is sure enough is decided when it is used. */
const guessesSchema = z
  .array(guessSchema)
  .max(8)
  .refine((guesses) => new Set(guesses.map(({ label }) => label)).size === guesses.length, 'a label stands twice');

const answerSchema = z.object({
  /** Which model answered; an answer of another is no answer. */
  model: z.string(),
  stage: z.literal('bert'),
  guesses: guessesSchema.min(1),
});

/** Milliseconds since the epoch that a date can have. */
const timeSchema = z.number().min(0).max(8.64e15);

const llmAnswerSchema = z.object({
  /** Which language model answered, and to which prompt. */
  model: z.string(),
  /** Empty where it was asked and gave no answer that could be used. */
  guesses: guessesSchema,
  at: timeSchema,
});

const entrySchema = z.object({
  logger: z.string().max(MAX_LOGGER),
  level: z.enum(['', ...LEVELS]),
  template: z.string().max(MAX_TEMPLATE),
  /** BERT's. */
  answer: answerSchema.nullable(),
  /** The language model's, where BERT was not sure enough. */
  llm: llmAnswerSchema.nullable().default(null),
  firstSeen: timeSchema,
  lastSeen: timeSchema,
  /** About how many records had this template. */
  count: z.int().min(0),
});

export type Answer = z.output<typeof answerSchema>;
export type LlmAnswer = z.output<typeof llmAnswerSchema>;
/** What is remembered of a template. */
export type Entry = z.output<typeof entrySchema>;
export type EntryKey = Pick<Entry, 'logger' | 'level' | 'template'>;

/** Bytes of a key: enough that two templates of a site never share one by chance; if they do, the entry says whose it is. */
const KEY_BYTES = 16;
/** Checksum (4 bytes) and last-seen time (8): read without the text behind them. */
const HEADER_BYTES = 12;

/** Names a template of a logger and level: hexadecimal, the same on every machine. */
export function templateId({ logger, level, template }: EntryKey): string {
  return createHash('sha256').update(`${level}\n${logger}\n${template}`).digest().toString('hex', 0, KEY_BYTES);
}

/** An entry from JSON that may be anybody's, or what is wrong with it. */
export function readEntry(json: string): Entry | string {
  let value: unknown;
  try {
    value = JSON.parse(json);
  } catch (error) {
    return `it is no JSON: ${error instanceof Error ? error.message : String(error)}`;
  }
  const parsed = entrySchema.safeParse(value);
  if (parsed.success) return parsed.data;
  return parsed.error.issues.map(({ path, message }) => (path.length === 0 ? message : `${path.join('.')}: ${message}`)).join('; ');
}

/** crc32 of the rest, last-seen time as a double, the entry as JSON. */
export function encodeEntry(entry: Entry): Buffer {
  const json = JSON.stringify(entry);
  const bytes = Buffer.allocUnsafe(HEADER_BYTES + Buffer.byteLength(json));
  bytes.writeDoubleLE(entry.lastSeen, 4);
  bytes.write(json, HEADER_BYTES);
  bytes.writeUInt32LE(crc32(bytes.subarray(4)), 0);
  return bytes;
}

/** Null for bytes that are damaged: no label is ever read from those. */
export function decodeEntry(bytes: Buffer): Entry | null {
  if (bytes.length < HEADER_BYTES || crc32(bytes.subarray(4)) !== bytes.readUInt32LE(0)) return null;
  try {
    return entrySchema.parse(JSON.parse(bytes.toString('utf8', HEADER_BYTES)));
  } catch {
    return null;
  }
}

/** When the entry was last used, without a look at the rest. */
export function lastSeenOf(bytes: Buffer): number {
  return bytes.length < HEADER_BYTES ? 0 : bytes.readDoubleLE(4);
}

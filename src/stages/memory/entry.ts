import { createHash } from 'node:crypto';
import { crc32 } from 'node:zlib';
import { z } from 'zod';
import { LEVELS } from '../../record/record.js';

const guessSchema = z.object({ label: z.string(), confidence: z.number().min(0).max(1) });

const answerSchema = z.object({
  /** Which model answered; an answer of another is no answer. */
  model: z.string(),
  stage: z.enum(['bert', 'llm']),
  /** The likeliest labels, the likeliest first. Whether the first is sure enough is decided when it is used. */
  guesses: z.array(guessSchema).min(1).max(8),
});

const entrySchema = z.object({
  logger: z.string(),
  level: z.enum(['', ...LEVELS]),
  template: z.string(),
  answer: answerSchema.nullable(),
  /** Milliseconds since the epoch. */
  firstSeen: z.number(),
  lastSeen: z.number(),
  /** About how many records had this template. */
  count: z.number(),
});

export type Answer = z.output<typeof answerSchema>;
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

export function parseEntry(value: unknown): Entry {
  return entrySchema.parse(value);
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

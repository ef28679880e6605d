import { readFileSync } from 'node:fs';
import { crc32 } from 'node:zlib';
import { z } from 'zod';
import { TrilogError } from '../../errors.js';
import type { StatementSet } from './statement-set.js';

const MAGIC = 'trilog known statements\n';
/** Of the format and of how words are cut and hashed: a file of another version would match nothing, or the wrong thing. */
const VERSION = 1;

/** The columns in the order in which they follow each other, with the width of their numbers in bytes. */
const COLUMNS = [
  ['loggers', 4],
  ['lastParts', 4],
  ['projects', 4],
  ['key', 4],
  ['runHash', 4],
  ['logger', 2],
  ['label', 1],
  ['second', 1],
  ['flags', 1],
  ['runs', 1],
  ['runLength', 1],
] as const satisfies readonly (readonly [keyof StatementSet, number])[];

const headerSchema = z.strictObject({
  version: z.int(),
  labels: z.array(z.string()).max(254),
  confidence: z.array(z.array(z.number().min(0).max(1)).min(1)).length(6),
  lengths: z.array(z.int().min(0)).length(COLUMNS.length),
  crc32: z.int(),
});

/** One line that says what it is, one line of JSON, then the columns one after the other, little-endian. */
export function encodeStatements(set: StatementSet): Buffer {
  const columns = Buffer.concat(COLUMNS.map(([name, width]) => toBytes(set[name], width)));
  const header: z.output<typeof headerSchema> = {
    version: VERSION,
    labels: [...set.labels],
    confidence: set.confidence.map((row) => [...row]),
    lengths: COLUMNS.map(([name]) => set[name].length),
    crc32: crc32(columns),
  };
  return Buffer.concat([Buffer.from(`${MAGIC}${JSON.stringify(header)}\n`), columns]);
}

/** @param file what to call the bytes in an error. @throws TrilogError `KNOWN_STATEMENTS_INVALID` for what is not a whole file of this version. */
export function decodeStatements(bytes: Buffer, file: string): StatementSet {
  const invalid = (what: string) => new TrilogError('KNOWN_STATEMENTS_INVALID', `${file}: ${what}`);
  if (!bytes.subarray(0, MAGIC.length).equals(Buffer.from(MAGIC))) throw invalid('not a file of known statements');
  const end = bytes.indexOf(10, MAGIC.length);
  const header = parseHeader(bytes.toString('utf8', MAGIC.length, Math.max(end, MAGIC.length)));
  if (typeof header === 'number') throw invalid(`version ${header}, but this trilog reads version ${VERSION}`);
  if (header === null) throw invalid('its header cannot be read');
  const columns = bytes.subarray(end + 1);
  if (crc32(columns) !== header.crc32) throw invalid('cut short or damaged');
  let at = 0;
  const read = COLUMNS.map(([, width], index) => {
    const from = at;
    at += (header.lengths[index] ?? 0) * width;
    return columns.subarray(from, at);
  });
  const column = (name: (typeof COLUMNS)[number][0]): Buffer => read[COLUMNS.findIndex((entry) => entry[0] === name)] ?? Buffer.alloc(0);
  const set: StatementSet = {
    labels: header.labels,
    confidence: header.confidence,
    loggers: fourBytes(column('loggers')),
    lastParts: fourBytes(column('lastParts')),
    projects: fourBytes(column('projects')),
    key: fourBytes(column('key')),
    runHash: fourBytes(column('runHash')),
    logger: twoBytes(column('logger')),
    label: Uint8Array.from(column('label')),
    second: Uint8Array.from(column('second')),
    flags: Uint8Array.from(column('flags')),
    runs: Uint8Array.from(column('runs')),
    runLength: Uint8Array.from(column('runLength')),
  };
  if (at !== columns.length || !fits(set)) throw invalid('its columns do not fit together');
  return set;
}

/** @throws TrilogError `KNOWN_STATEMENTS_INVALID` for a file that is not there or not whole. */
export function readStatements(file: string): StatementSet {
  let bytes: Buffer;
  try {
    bytes = readFileSync(file);
  } catch (cause) {
    throw new TrilogError('KNOWN_STATEMENTS_INVALID', `${file}: ${cause instanceof Error ? cause.message : String(cause)}`, { cause });
  }
  return decodeStatements(bytes, file);
}

/** The header; its version where it is of another one; null where it is none. */
function parseHeader(text: string): z.output<typeof headerSchema> | number | null {
  let value: unknown;
  try {
    value = JSON.parse(text);
  } catch {
    return null;
  }
  // Another version may have another header, so its number is looked at first.
  const version = z.object({ version: z.int() }).safeParse(value);
  if (version.success && version.data.version !== VERSION) return version.data.version;
  const header = headerSchema.safeParse(value);
  return header.success ? header.data : null;
}

/** Rows that point at rows which are not there would be read as zeros, and answer nonsense. */
function fits(set: StatementSet): boolean {
  const { loggers, lastParts, projects, key, logger, label, second, flags, runs, runHash, runLength, labels } = set;
  const rows = key.length;
  if (lastParts.length !== loggers.length || projects.length !== loggers.length || runLength.length !== runHash.length) return false;
  if ([logger, label, second, flags, runs].some((column) => column.length !== rows)) return false;
  if (logger.some((row) => row >= loggers.length)) return false;
  if ([label, second].some((column) => column.some((number) => number >= labels.length && number !== 255))) return false;
  return (
    runs.reduce((sum, count) => sum + count, 0) === runHash.length && runs.every((count) => count > 0) && runLength.every((n) => n > 0)
  );
}

function toBytes(column: ArrayLike<number>, width: 1 | 2 | 4): Buffer {
  const bytes = Buffer.alloc(column.length * width);
  for (let i = 0; i < column.length; i++) bytes.writeUIntLE(column[i] ?? 0, i * width, width);
  return bytes;
}

function fourBytes(bytes: Buffer): Uint32Array {
  return Uint32Array.from({ length: bytes.length / 4 }, (_, i) => bytes.readUInt32LE(i * 4));
}

function twoBytes(bytes: Buffer): Uint16Array {
  return Uint16Array.from({ length: bytes.length / 2 }, (_, i) => bytes.readUInt16LE(i * 2));
}

import { createHash } from 'node:crypto';
import { createReadStream } from 'node:fs';
import { resolve } from 'node:path';
import { pipeline, Readable, Transform } from 'node:stream';
import { createGunzip } from 'node:zlib';
import { parse as parseCsv } from 'csv-parse';
import { TrilogError } from '../errors.js';
import { checksumOf } from '../record/id.js';
import { Joiner } from '../record/joiner.js';
import { programOf } from '../record/log-name.js';
import { csvHeader, recordFromCsv } from '../record/profiles/csv.js';
import { isOwnDocument, recordFromEcs } from '../record/profiles/ecs-reader.js';
import { LogRecord } from '../record/record.js';
import type { Source } from '../record/source.js';
import { blocks } from './blocks.js';

const BLOCK_BYTES = 262_144;
const MAX_LINE_BYTES = 1_048_576;
/** A document of ours may hold many joined lines, with everything in them escaped. */
const MAX_DOCUMENT_BYTES = 67_108_864;
/** How each document of ours begins. */
const DOCUMENT_START = '{"@timestamp"';
const MAX_JOINED = { maxLines: 1000, maxBytes: MAX_LINE_BYTES };
/** Rows of CSV that are handed on together. */
const ROWS = 1000;

export interface ReadOptions {
  readonly host: string;
  readonly timezone: string;
  readonly format: string;
  /** Told of bytes as they are read from the file, for the progress bar. */
  readonly progress: (bytes: number) => void;
}

/**
 * All records of a file (`-` is standard input, `.gz` is unpacked) in their order: decoded from a raw log, or read back from what `trilog parse`
 * or `trilog classify` wrote, which is told by its first line.
 * @throws TrilogError `INPUT_UNREADABLE` or `INPUT_DAMAGED`
 */
export async function* readRecords(file: string, options: ReadOptions): AsyncGenerator<LogRecord[]> {
  const source = commandSource(file, options);
  try {
    const chunks = openBytes(file, options.progress)[Symbol.asyncIterator]() as AsyncIterableIterator<Buffer>;
    const { first, read } = await firstLine(chunks);
    const bytes = rejoin(read, chunks);
    if (first === csvHeader().trimEnd()) yield* csvRecords(bytes, source);
    else if (isOwnLine(first)) yield* documentRecords(bytes, source);
    else yield* logRecords(bytes, source);
  } catch (cause) {
    throw readFault(file, cause);
  }
}

function commandSource(file: string, { host, timezone, format }: ReadOptions): Source {
  const name = file === '-' ? 'stdin' : resolve(file);
  const id = createHash('sha256').update(name).digest('base64url').slice(0, 16);
  return { id, input: 'command', name, program: file === '-' ? '' : programOf(file), host, timezone, format };
}

/** All of a file as text; `-` is standard input, `.gz` is unpacked. @throws TrilogError `INPUT_UNREADABLE` or `INPUT_DAMAGED` */
export async function readText(file: string): Promise<string> {
  const chunks: Buffer[] = [];
  try {
    for await (const chunk of openBytes(file, () => {})) chunks.push(chunk as Buffer);
  } catch (cause) {
    throw readFault(file, cause);
  }
  return Buffer.concat(chunks).toString('utf8');
}

/** What is wrong with a file, by its code; a fault of ours stays as it is. */
function readFault(file: string, cause: unknown): unknown {
  const { syscall, code, message } = (cause ?? {}) as NodeJS.ErrnoException;
  const damaged = /^(Z|CSV)_/.test(code ?? '');
  if (!damaged && syscall === undefined) return cause;
  return new TrilogError(damaged ? 'INPUT_DAMAGED' : 'INPUT_UNREADABLE', `${file === '-' ? 'stdin' : file}: ${message}`, { cause });
}

function openBytes(file: string, progress: (bytes: number) => void): Readable {
  const raw: Readable = file === '-' ? process.stdin : createReadStream(file, { highWaterMark: BLOCK_BYTES });
  const counted = new Transform({
    transform: (chunk: Buffer, _encoding, done) => {
      progress(chunk.length);
      done(null, chunk);
    },
  });
  // Whoever reads the last stream sees an error of any; the callback only keeps pipeline() from throwing it besides.
  const ignore = (): void => {};
  return file.endsWith('.gz') ? pipeline(raw, counted, createGunzip(), ignore) : pipeline(raw, counted, ignore);
}

/** The first line, as far as it lies in the first block (or, if it may be a document of ours, all of it), and all that was read to find it. */
async function firstLine(chunks: AsyncIterator<Buffer>): Promise<{ first: string; read: Buffer }> {
  const read: Buffer[] = [];
  let limit = BLOCK_BYTES;
  for (let size = 0; size < limit; ) {
    const next = await chunks.next();
    if (next.done === true) break;
    read.push(next.value);
    size += next.value.length;
    if (next.value.includes(10)) break;
    if (size >= BLOCK_BYTES && beginsDocument(read)) limit = MAX_DOCUMENT_BYTES;
  }
  const bytes = Buffer.concat(read);
  const newline = bytes.indexOf(10);
  return { first: bytes.toString('utf8', 0, newline < 0 ? bytes.length : newline).trimEnd(), read: bytes };
}

function beginsDocument(read: readonly Buffer[]): boolean {
  return read[0]?.toString('latin1', 0, DOCUMENT_START.length) === DOCUMENT_START;
}

async function* rejoin(read: Buffer, rest: AsyncIterable<Buffer>): AsyncGenerator<Buffer> {
  if (read.length > 0) yield read;
  yield* rest;
}

function isOwnLine(line: string): boolean {
  return line.startsWith(DOCUMENT_START) && ownDocument(line) !== null;
}

function ownDocument(line: string) {
  try {
    const document: unknown = JSON.parse(line);
    return isOwnDocument(document) ? document : null;
  } catch {
    return null;
  }
}

async function* logRecords(bytes: AsyncIterable<Buffer>, source: Source): AsyncGenerator<LogRecord[]> {
  const joiner = new Joiner(source, MAX_JOINED);
  for await (const block of blocks(bytes, source, MAX_LINE_BYTES)) {
    const records = joiner.feed(block);
    if (block.last === true) records.push(...joiner.flush());
    for (const record of records) record.checksum = checksumOf(record);
    yield records;
  }
}

async function* documentRecords(bytes: AsyncIterable<Buffer>, source: Source): AsyncGenerator<LogRecord[]> {
  for await (const { lines, offsets, cut } of blocks(bytes, source, MAX_DOCUMENT_BYTES)) {
    yield lines.map((line, i) => {
      const document = ownDocument(line);
      // A line that trilog did not write stays a record: nothing is lost.
      const record = document === null ? new LogRecord(source, offsets[i] ?? 0, line) : recordFromEcs(document, source);
      if (cut?.has(i) === true) record.truncated = true;
      record.checksum = checksumOf(record);
      return record;
    });
  }
}

async function* csvRecords(bytes: AsyncIterable<Buffer>, source: Source): AsyncGenerator<LogRecord[]> {
  let records: LogRecord[] = [];
  const format = { columns: true, relax_column_count: true, relax_quotes: true, max_record_size: MAX_DOCUMENT_BYTES };
  const rows = pipeline(Readable.from(bytes), parseCsv(format), () => {});
  for await (const row of rows) {
    records.push(recordFromCsv(row as Record<string, string>, source));
    if (records.length < ROWS) continue;
    yield records;
    records = [];
  }
  yield records;
}

import { createHash } from 'node:crypto';
import { promisify } from 'node:util';
import { constants, gzip } from 'node:zlib';
import type { ProfileName } from '../../../src/record/profiles/profile.js';
import { documentWriter } from '../../../src/record/profiles/profile.js';
import type { LogRecord } from '../../../src/record/record.js';
import { Writer } from '../../forward/msgpack-write.js';

const packed = promisify(gzip);
const GZIP = { level: constants.Z_BEST_SPEED };

/** Entries of one tag, one behind the other. */
export interface Piece {
  readonly tag: string;
  readonly entries: Buffer;
  readonly count: number;
  /** A server has acknowledged it. */
  stored: boolean;
}

/** What goes as one message. */
export interface Chunk {
  readonly tag: string;
  readonly pieces: readonly Piece[];
}

/** Makes entries of records, in pieces of one tag and at most so many bytes; only a single record is longer. */
export class PieceWriter {
  readonly #documents;
  readonly #open = new Map<string, { readonly writer: Writer; count: number }>();

  constructor(
    profile: ProfileName,
    readonly maxBytes: number,
    readonly tagOf: (record: LogRecord) => string,
    readonly now: () => number = Date.now,
  ) {
    this.#documents = documentWriter(profile);
  }

  piecesOf(records: readonly LogRecord[]): Piece[] {
    // One that could not be written has left half of what came before it.
    this.#open.clear();
    const pieces: Piece[] = [];
    const documents = this.#documents;
    for (const record of records) {
      documents.clear();
      documents.add(record);
      const tag = this.tagOf(record);
      let open = this.#open.get(tag);
      if (open === undefined) {
        open = { writer: new Writer(), count: 0 };
        this.#open.set(tag, open);
      }
      const { writer } = open;
      writer.array(2);
      writer.eventTime(Number.isNaN(record.timestamp) ? this.now() : record.timestamp);
      // By way of JSON, so that the record is what every other output writes.
      writer.value(JSON.parse(documents.bytes.toString('utf8')));
      open.count++;
      if (writer.length >= this.maxBytes) {
        pieces.push({ tag, entries: writer.take(), count: open.count, stored: false });
        this.#open.delete(tag);
      }
    }
    for (const [tag, { writer, count }] of this.#open) pieces.push({ tag, entries: writer.take(), count, stored: false });
    this.#open.clear();
    return pieces;
  }
}

/** What of the pieces is not stored, put together by tag up to so many bytes, in order within each tag. */
export function chunksOf(pieces: readonly Piece[], maxBytes: number): Chunk[] {
  const chunks: Chunk[] = [];
  const open = new Map<string, { readonly pieces: Piece[]; bytes: number }>();
  for (const piece of pieces) {
    if (piece.stored) continue;
    const { tag, entries } = piece;
    const growing = open.get(tag);
    if (growing !== undefined && growing.bytes + entries.length <= maxBytes) {
      growing.pieces.push(piece);
      growing.bytes += entries.length;
      continue;
    }
    const begun = { pieces: [piece], bytes: entries.length };
    open.set(tag, begun);
    chunks.push({ tag, pieces: begun.pieces });
  }
  return chunks;
}

/** A chunk as it is sent. The id comes of what is in it: what is sent again after a failure has the id that it had. */
export async function messageOf(
  { tag, pieces }: Chunk,
  compression: 'none' | 'gzip',
  withId: boolean,
): Promise<{ id: string; bytes: Buffer }> {
  const entries = Buffer.concat(pieces.map((piece) => piece.entries));
  const id = createHash('sha256').update(`${tag}\n`).update(entries).digest().subarray(0, 16).toString('base64');
  const writer = new Writer(entries.length + 256);
  writer.array(3);
  writer.text(tag);
  writer.binary(compression === 'gzip' ? await packed(entries, GZIP) : entries);
  writer.value({
    size: pieces.reduce((sum, { count }) => sum + count, 0),
    chunk: withId ? id : undefined,
    compressed: compression === 'gzip' ? 'gzip' : undefined,
  });
  return { id, bytes: writer.take() };
}

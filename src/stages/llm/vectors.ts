import { createHash } from 'node:crypto';
import { readFileSync } from 'node:fs';

const MAGIC = 'trilog-vectors-1';
const KEY_BYTES = 8;
/** The largest whole number of a signed byte: a unit vector is stored as so many parts. */
const PARTS = 127;

/**
 * What an encoder made of texts, kept in a file so that it need not read them again: a line of the format, the encoder, the width and the number of vectors; then for
 * each text the beginning of its SHA-256; then in the same order the vectors, of length one, in signed bytes.
 */
export class Vectors {
  private constructor(
    /** Names the encoder, as {@link BertStage.id}. */
    readonly model: string,
    private readonly width: number,
    private readonly rows: ReadonlyMap<string, number>,
    private readonly numbers: Int8Array,
  ) {}

  get size(): number {
    return this.rows.size;
  }

  /** @throws for a file that is none of these. */
  static load(file: string): Vectors {
    const bytes = readFileSync(file);
    const head = bytes.subarray(0, bytes.indexOf(10)).toString('latin1').split(' ');
    const [magic, model = '', width, count] = [head[0], head[1], Number(head[2]), Number(head[3])];
    const keys = head.join(' ').length + 1;
    const numbers = keys + count * KEY_BYTES;
    if (magic !== MAGIC || bytes.length !== numbers + count * width) throw new Error(`${file} is no file of vectors`);
    const rows = new Map(
      Array.from(
        { length: count },
        (_, row) => [bytes.toString('hex', keys + row * KEY_BYTES, keys + (row + 1) * KEY_BYTES), row] as const,
      ),
    );
    return new Vectors(model, width, rows, new Int8Array(bytes.buffer, bytes.byteOffset + numbers, count * width));
  }

  /** Of a text that the encoder has read; null for others. Its length is one, about. */
  get(text: string): Float32Array | null {
    const row = this.rows.get(keyOf(text).toString('hex'));
    if (row === undefined) return null;
    return Float32Array.from(this.numbers.subarray(row * this.width, (row + 1) * this.width), (part) => part / PARTS);
  }
}

/** The bytes of such a file. @param vectors by text, all of one width. */
export function encodeVectors(model: string, vectors: ReadonlyMap<string, Float32Array>): Buffer {
  const width = vectors.values().next().value?.length ?? 0;
  const head = Buffer.from(`${MAGIC} ${model} ${width} ${vectors.size}\n`, 'latin1');
  const keys = [...vectors.keys()].map(keyOf);
  const numbers = [...vectors.values()].map((vector) =>
    Buffer.from(Int8Array.from(unit(vector), (part) => Math.round(part * PARTS)).buffer),
  );
  return Buffer.concat([head, ...keys, ...numbers]);
}

/** The same direction, of length one. */
export function unit(vector: Float32Array): Float32Array {
  const length = Math.sqrt(vector.reduce((sum, part) => sum + part * part, 0));
  return length === 0 ? vector : vector.map((part) => part / length);
}

function keyOf(text: string): Buffer {
  return createHash('sha256').update(text).digest().subarray(0, KEY_BYTES);
}

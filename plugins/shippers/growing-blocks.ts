import type { LineBlock, Source } from '../../src/record/source.js';
import type { Enclosed } from './envelope.js';
import { GrowingBlock } from './growing-block.js';

/** Sorts the lines of one stream into blocks, one for each source that has some. */
export class GrowingBlocks {
  readonly #growing = new Map<Source, GrowingBlock>();
  /** Where the blocks before of a source have come to. */
  readonly #ends = new WeakMap<Source, number>();

  /**
   * @param isApart says of a source that each of its lines is a record by itself
   * @param maxLineBytes what is longer is cut there
   */
  constructor(
    readonly maxLineBytes: number,
    readonly isApart: (source: Source) => boolean = () => false,
  ) {}

  /**
   * Takes a line, or a text with newlines that is one record or a part of one. Positions grow with each call.
   * @param wasCut it was cut before it came here
   * @returns whether it is cut
   */
  add(source: Source, { text, time, fields }: Enclosed, at: number, end: number, wasCut = false): boolean {
    const isLong = text.length > this.maxLineBytes;
    const isCut = isLong || wasCut;
    this.#blockOf(source).add(isLong ? text.slice(0, this.maxLineBytes) : text, at, end, time, isCut, fields);
    return isCut;
  }

  /** Bytes that were taken of a source and not given out yet. */
  bytesOf(source: Source): number {
    return this.#growing.get(source)?.bytes ?? 0;
  }

  /** Nothing more comes of this source. */
  end(source: Source): void {
    this.#blockOf(source).last = true;
  }

  /** What was taken of one source since its last block. */
  take(source: Source): LineBlock {
    const block = this.#blockOf(source);
    this.#growing.delete(source);
    this.#ends.set(source, block.end);
    return block.finished(this.isApart(source));
  }

  /** The blocks of all that was taken and not given out yet. */
  drain(): LineBlock[] {
    return [...this.#growing.keys()].map((source) => this.take(source));
  }

  #blockOf(source: Source): GrowingBlock {
    let block = this.#growing.get(source);
    if (block === undefined) {
      block = new GrowingBlock(source, this.#ends.get(source) ?? 0);
      this.#growing.set(source, block);
    }
    return block;
  }
}

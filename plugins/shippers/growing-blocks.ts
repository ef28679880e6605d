import type { LineBlock, Source } from '../../src/record/source.js';
import type { Enclosed } from './envelope.js';

interface Growing {
  readonly source: Source;
  readonly lines: string[];
  readonly offsets: number[];
  readonly times: number[];
  readonly cut: Set<number>;
  readonly whole: Set<number>;
  readonly fields: Map<number, Readonly<Record<string, unknown>>>;
  end: number;
  bytes: number;
}

/** Sorts the lines of one stream into blocks, one for each source that has some. */
export class GrowingBlocks {
  readonly #growing = new Map<Source, Growing>();
  /** Where the blocks before of a source have come to. */
  readonly #ends = new WeakMap<Source, number>();
  readonly #ended = new Set<Source>();

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
   * @param isCut it was cut before it came here
   * @returns whether it is cut
   */
  add(source: Source, line: Enclosed, at: number, end: number, isCut = false): boolean {
    const block = this.#blockOf(source);
    const index = block.lines.length;
    const isLong = line.text.length > this.maxLineBytes;
    const text = isLong ? line.text.slice(0, this.maxLineBytes) : line.text;
    if (isLong || isCut) block.cut.add(index);
    block.lines.push(text);
    block.offsets.push(at);
    block.times.push(line.time);
    block.end = end;
    block.bytes += text.length;
    if (text.includes('\n')) block.whole.add(index);
    if (line.fields !== null) block.fields.set(index, line.fields);
    return isLong || isCut;
  }

  /** Nothing more comes of this source. */
  end(source: Source): void {
    this.#blockOf(source);
    this.#ended.add(source);
  }

  /** The blocks of what was taken since the last time. */
  drain(): LineBlock[] {
    const blocks = [...this.#growing.values()].map((block) => this.#finished(block));
    this.#growing.clear();
    this.#ended.clear();
    return blocks;
  }

  #finished({ cut, whole, fields, ...rest }: Growing): LineBlock {
    const { source, end } = rest;
    this.#ends.set(source, end);
    return {
      ...rest,
      ...(cut.size > 0 && { cut }),
      ...(whole.size > 0 && { whole }),
      ...(fields.size > 0 && { fields }),
      ...(this.isApart(source) && { apart: true }),
      ...(this.#ended.has(source) && { last: true }),
    };
  }

  #blockOf(source: Source): Growing {
    let block = this.#growing.get(source);
    if (block === undefined) {
      block = {
        source,
        lines: [],
        offsets: [],
        times: [],
        cut: new Set(),
        whole: new Set(),
        fields: new Map(),
        end: this.#ends.get(source) ?? 0,
        bytes: 0,
      };
      this.#growing.set(source, block);
    }
    return block;
  }
}

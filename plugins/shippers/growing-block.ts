import type { LineBlock, Source } from '../../src/record/source.js';

type Fields = Readonly<Record<string, unknown>>;

/** A block of one source while lines come to it. */
export class GrowingBlock {
  readonly #lines: string[] = [];
  readonly #offsets: number[] = [];
  readonly #times: number[] = [];
  readonly #cut = new Set<number>();
  readonly #whole = new Set<number>();
  readonly #fields = new Map<number, Fields>();
  #bytes = 0;
  /** Nothing more comes of the source. */
  last = false;

  /** @param end where the source has come to, as long as there is no line */
  constructor(
    readonly source: Source,
    public end: number,
  ) {}

  get bytes(): number {
    return this.#bytes;
  }

  /**
   * Takes a line, or a text with newlines that is one record or a part of one.
   * @param at its position; grows with each call
   * @param end the position after it
   * @param time when it was written, in milliseconds since the epoch; NaN where that is not known
   */
  add(text: string, at: number, end: number, time: number, isCut: boolean, fields: Fields | null): void {
    const index = this.#lines.length;
    this.#lines.push(text);
    this.#offsets.push(at);
    this.#times.push(time);
    this.end = end;
    this.#bytes += text.length;
    if (isCut) this.#cut.add(index);
    if (text.includes('\n')) this.#whole.add(index);
    if (fields !== null) this.#fields.set(index, fields);
  }

  /** @param apart whether each line is a record by itself */
  finished(apart: boolean): LineBlock {
    return {
      source: this.source,
      lines: this.#lines,
      offsets: this.#offsets,
      times: this.#times,
      end: this.end,
      bytes: this.#bytes,
      ...(this.#cut.size > 0 && { cut: this.#cut }),
      ...(this.#whole.size > 0 && { whole: this.#whole }),
      ...(this.#fields.size > 0 && { fields: this.#fields }),
      ...(apart && { apart }),
      ...(this.last && { last: true }),
    };
  }
}

import { DECODER_NAMES, Decoder } from '../../../src/record/decode.js';
import type { LineBlock, Source } from '../../../src/record/source.js';
import type { Frame } from '../../forward/frame.js';
import { Reader } from '../../forward/msgpack-read.js';
import { MOST_PIECES, piecesOf } from '../../shippers/codec.js';
import type { Enclosed } from '../../shippers/envelope.js';
import { KeySources } from '../../shippers/key-sources.js';
import { nextEntry } from './entries.js';
import { linesOf } from './text-of.js';

/** A block that grows beyond this is ready. */
const BLOCK_BYTES = 262_144;
/** Writers of a chunk whose lines may be joined at once, and of all that comes without chunk ids. */
const OPEN_IN_CHUNK = 128;
const OPEN_WITHOUT = 512;

export interface BlockOptions {
  readonly base: Omit<Source, 'id' | 'name'>;
  readonly maxLineBytes: number;
  /** Counts something by name. */
  readonly count: (name: string, by?: number) => void;
}

/** A block, and whether it is the last of its source. */
export interface ReadyBlock {
  readonly block: LineBlock;
  readonly isLast: boolean;
}

/** A block while it grows. */
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

/**
 * Makes blocks of entries, one for each writer whose lines may continue each other.
 *
 * What has a chunk id is a source by itself: the position of a line is the entry's number in the chunk, so a chunk that comes again has the same ids,
 * and nothing of it waits for another chunk. All else is one source for as long as the agent runs, and may be continued by what comes next by its connection.
 */
export class BlockMaker {
  readonly #isHead: (line: string) => boolean;
  readonly #unending: KeySources;
  readonly #growing = new Map<Source, Growing>();
  /** Where the blocks before of a source have come to. */
  readonly #ends = new WeakMap<Source, number>();
  /** Sources without end that had to end for others. */
  readonly #ended = new Set<Source>();
  #bytes = 0;
  #position = 0;

  /** @param runId of what comes without chunk ids; another one each time */
  constructor(
    readonly options: BlockOptions,
    runId: string,
  ) {
    const { base } = options;
    const source: Source = { ...base, id: runId, name: '' };
    const format = DECODER_NAMES.includes(base.format) ? base.format : 'auto';
    const decoder = new Decoder({ ...source, format, program: '', host: '' });
    this.#isHead = (line) => decoder.decode(line, 0) !== null && !decoder.traceback;
    this.#unending = new KeySources(source, OPEN_WITHOUT);
  }

  /** The blocks of a chunk: each source in them ends. */
  *ofChunk(id: string, { tag, form }: Frame, entries: Buffer): Generator<ReadyBlock> {
    const sources = new KeySources({ ...this.options.base, id, name: '' }, OPEN_IN_CHUNK);
    const used = new Set<Source>();
    let position = 0;
    const reader = new Reader(entries);
    while (!reader.isDone) {
      for (const [i, line] of this.#next(reader, form).entries()) {
        const { source, ended } = sources.of({ key: null, host: line.host, program: line.program, path: line.path || tag });
        if (ended !== null) {
          yield this.#finished(ended, true);
          used.delete(ended);
        }
        used.add(source);
        const growing = this.#blockOf(source);
        this.#add(growing, line, position + i / MOST_PIECES, position + (i + 1) / MOST_PIECES);
        if (growing.bytes > BLOCK_BYTES) yield this.#finished(source, false);
      }
      position++;
    }
    for (const source of used) yield this.#finished(source, true);
  }

  /** Takes what has no chunk id; it is ready with {@link drain}. */
  add({ tag, form }: Frame, entries: Buffer, connection: Buffer): void {
    const reader = new Reader(entries);
    while (!reader.isDone) {
      for (const line of this.#next(reader, form)) {
        const { source, ended } = this.#unending.of({ key: connection, host: line.host, program: line.program, path: line.path || tag });
        if (ended !== null) this.#ended.add(ended);
        const at = this.#position++;
        this.#bytes += line.text.length;
        this.#add(this.#blockOf(source), line, at, at + 1);
      }
    }
  }

  /** What {@link add} has taken is as much as should go at once. */
  get isFull(): boolean {
    return this.#bytes > BLOCK_BYTES;
  }

  /** The blocks of what {@link add} has taken. */
  *drain(): Generator<ReadyBlock> {
    for (const source of this.#ended) yield this.#finished(source, true);
    this.#ended.clear();
    for (const source of [...this.#growing.keys()]) yield this.#finished(source, false);
    this.#bytes = 0;
  }

  /** The lines of the next entry. */
  #next(reader: Reader, form: Frame['form']): readonly Enclosed[] {
    const entry = nextEntry(reader, form);
    if (reader.damaged) this.options.count('entries_damaged');
    if (reader.shortened) this.options.count('entries_shortened');
    if (entry === null) {
      this.options.count('group_marks');
      return [];
    }
    return linesOf(entry)
      .flatMap((line) => piecesOf(line, this.#isHead))
      .slice(0, MOST_PIECES);
  }

  #add(block: Growing, line: Enclosed, at: number, end: number): void {
    const { maxLineBytes, count } = this.options;
    const index = block.lines.length;
    const isCut = line.text.length > maxLineBytes;
    const text = isCut ? line.text.slice(0, maxLineBytes) : line.text;
    if (isCut) {
      block.cut.add(index);
      count('lines_cut');
    }
    block.lines.push(text);
    block.offsets.push(at);
    block.times.push(line.time);
    block.end = end;
    block.bytes += text.length;
    if (text.includes('\n')) block.whole.add(index);
    if (line.fields !== null) block.fields.set(index, line.fields);
  }

  #blockOf(source: Source): Growing {
    const found = this.#growing.get(source);
    if (found !== undefined) return found;
    const block: Growing = {
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
    return block;
  }

  #finished(source: Source, isLast: boolean): ReadyBlock {
    const { cut, whole, fields, ...rest } = this.#blockOf(source);
    this.#growing.delete(source);
    this.#ends.set(source, rest.end);
    const block: LineBlock = {
      ...rest,
      ...(cut.size > 0 && { cut }),
      ...(whole.size > 0 && { whole }),
      ...(fields.size > 0 && { fields }),
      ...(isLast && { last: true }),
    };
    return { block, isLast };
  }
}

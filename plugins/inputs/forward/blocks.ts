import type { LineBlock, Source } from '../../../src/record/source.js';
import type { Frame } from '../../forward/frame.js';
import { Reader } from '../../forward/msgpack-read.js';
import { MOST_PIECES, piecesOf } from '../../shippers/codec.js';
import type { Enclosed } from '../../shippers/envelope.js';
import { GrowingBlocks } from '../../shippers/growing-blocks.js';
import { headTest } from '../../shippers/heads.js';
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

/**
 * Makes blocks of entries, one for each writer whose lines may continue each other.
 *
 * What has a chunk id is a source by itself: the position of a line is the entry's number in the chunk, so a chunk that comes again has the same ids,
 * and nothing of it waits for another chunk. All else is one source for as long as the agent runs, and may be continued by what comes next by its connection.
 */
export class BlockMaker {
  readonly #isHead: (line: string) => boolean;
  readonly #unending: KeySources;
  readonly #blocks: GrowingBlocks;
  #bytes = 0;
  #position = 0;

  /** @param runId of what comes without chunk ids; another one each time */
  constructor(
    readonly options: BlockOptions,
    runId: string,
  ) {
    const { base } = options;
    const source: Source = { ...base, id: runId, name: '' };
    this.#isHead = headTest(base);
    this.#blocks = new GrowingBlocks(options.maxLineBytes);
    this.#unending = new KeySources(source, OPEN_WITHOUT);
  }

  /** The blocks of a chunk: each source in them ends. */
  *ofChunk(id: string, { tag, form }: Frame, entries: Buffer): Generator<LineBlock> {
    const sources = new KeySources({ ...this.options.base, id, name: '' }, OPEN_IN_CHUNK);
    const used = new Set<Source>();
    let position = 0;
    const reader = new Reader(entries);
    while (!reader.isDone) {
      for (const [i, line] of this.#next(reader, form).entries()) {
        const { source, ended } = sources.of({ key: null, host: line.host, program: line.program, path: line.path || tag });
        if (ended !== null) {
          yield this.#lastOf(ended);
          used.delete(ended);
        }
        used.add(source);
        this.#add(source, line, position + i / MOST_PIECES, position + (i + 1) / MOST_PIECES);
        if (this.#blocks.bytesOf(source) > BLOCK_BYTES) yield this.#blocks.take(source);
      }
      position++;
    }
    for (const source of used) yield this.#lastOf(source);
  }

  /** Takes what has no chunk id; it is ready with {@link drain}. */
  add({ tag, form }: Frame, entries: Buffer, connection: Buffer): void {
    const reader = new Reader(entries);
    while (!reader.isDone) {
      for (const line of this.#next(reader, form)) {
        const { source, ended } = this.#unending.of({ key: connection, host: line.host, program: line.program, path: line.path || tag });
        if (ended !== null) this.#blocks.end(ended);
        const at = this.#position++;
        this.#bytes += line.text.length;
        this.#add(source, line, at, at + 1);
      }
    }
  }

  /** What {@link add} has taken is as much as should go at once. */
  get isFull(): boolean {
    return this.#bytes > BLOCK_BYTES;
  }

  /** The blocks of what {@link add} has taken. */
  drain(): LineBlock[] {
    this.#bytes = 0;
    return this.#blocks.drain();
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

  #add(source: Source, line: Enclosed, at: number, end: number): void {
    if (this.#blocks.add(source, line, at, end)) this.options.count('lines_cut');
  }

  #lastOf(source: Source): LineBlock {
    this.#blocks.end(source);
    return this.#blocks.take(source);
  }
}

import { randomBytes } from 'node:crypto';
import type { Readable } from 'node:stream';
import type { ComponentContext, Input } from '../../../src/plugin/contract.js';
import type { Lines } from '../../../src/record/lines.js';
import type { LineBlock, Source } from '../../../src/record/source.js';
import { chunksOf } from '../../../src/record/stream-chunks.js';
import { StreamLines } from '../../../src/record/stream-lines.js';
import { decodeValue, MOST_PIECES, plain } from '../../shippers/codec.js';
import { GrowingBlocks } from '../../shippers/growing-blocks.js';
import { headTest } from '../../shippers/heads.js';
import { KeySources } from '../../shippers/key-sources.js';
import type { StdinInputConfig } from './config.js';

/** Writers (host, program, file) whose lines may be joined at once. */
const OPEN_WRITERS = 512;

/** Reads a stream to its end; see the README for what it guarantees. */
export class StdinInput implements Input {
  readonly isIrreplaceable = true;
  readonly #lines: StreamLines;
  readonly #blocks: GrowingBlocks;
  readonly #sources: KeySources;
  readonly #used = new Set<Source>();
  readonly #isHead: (line: string) => boolean;

  constructor(
    readonly config: StdinInputConfig,
    readonly context: ComponentContext,
    readonly stream: Readable,
  ) {
    const { host, program, timezone, format, max_line_bytes: maxLineBytes } = config;
    this.#lines = new StreamLines(maxLineBytes);
    this.#blocks = new GrowingBlocks(maxLineBytes);
    const source: Source = {
      // Nothing of it can be read again: no id may be that of another run.
      id: randomBytes(12).toString('hex'),
      input: context.name,
      name: 'stdin',
      program: program ?? '',
      host: host ?? context.host,
      timezone,
      format,
    };
    this.#sources = new KeySources(source, OPEN_WRITERS);
    this.#isHead = headTest(source);
  }

  async open(): Promise<void> {}

  async *read(signal: AbortSignal): AsyncIterable<LineBlock> {
    const { stream } = this;
    // Also after the signal: what this process has taken out of the pipe is nowhere else.
    for await (const chunk of chunksOf(stream, signal)) {
      this.#take(this.#lines.feed(chunk));
      yield* this.#blocks.drain();
    }
    if (stream.errored) this.context.log.error('standard input cannot be read any more', { error: stream.errored.message });
    // Where it was stopped within a line, half of the line is better than none.
    this.#take(this.#lines.last(), signal.aborted);
    for (const source of this.#used) this.#blocks.end(source);
    this.#used.clear();
    yield* this.#blocks.drain();
  }

  /** What was read cannot be read again, so there is nothing to remember. */
  settled(): void {}

  async close(): Promise<void> {
    // An open pipe would keep the process.
    this.stream.destroy();
  }

  #take({ lines, offsets, cut }: Lines, halved = false): void {
    for (const [i, line] of lines.entries()) {
      const at = offsets[i] ?? 0;
      const isCut = cut.has(i) || halved;
      if (isCut) this.context.count('lines_cut');
      const pieces = this.#piecesOf(line, isCut);
      for (const [n, piece] of pieces.entries()) {
        const { source, ended } = this.#sources.of({ key: null, host: piece.host, program: piece.program, path: piece.path });
        if (ended !== null) {
          this.#blocks.end(ended);
          this.#used.delete(ended);
        }
        this.#used.add(source);
        this.#blocks.add(source, piece, at + n / MOST_PIECES, at + (n + 1) / MOST_PIECES, isCut);
      }
    }
  }

  #piecesOf(line: string, isCut: boolean) {
    if (this.config.codec === 'lines' || isCut || line.charCodeAt(0) !== 123) return [plain(line)];
    return decodeValue(Buffer.from(line), 'auto', Number.POSITIVE_INFINITY, this.#isHead).pieces.slice(0, MOST_PIECES);
  }
}

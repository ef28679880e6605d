import type { LineBlock, Source } from '../../../src/record/source.js';
import { GrowingBlocks } from '../../shippers/growing-blocks.js';
import { KeySources } from '../../shippers/key-sources.js';
import type { Cursors } from './cursors.js';
import type { Entry } from './entry.js';
import { TextOf } from './text-of.js';

const APART = Buffer.from('apart');

/** Sorts entries into blocks: one source for each process whose lines may continue each other, and one for each program whose entries are records by themselves. */
export class EntryBlocks {
  readonly #text: TextOf;
  readonly #sources: KeySources;
  readonly #blocks: GrowingBlocks;
  readonly #apart = new WeakSet<Source>();
  #position: number;

  /**
   * @param position of the next line
   * @param cursors is told what is given out
   */
  constructor(
    base: Source,
    limits: { readonly maxLineBytes: number; readonly maxOpen: number },
    position: number,
    readonly cursors: Cursors,
  ) {
    this.#text = new TextOf(base);
    this.#sources = new KeySources(base, limits.maxOpen);
    this.#blocks = new GrowingBlocks(limits.maxLineBytes, (source) => this.#apart.has(source));
    this.#position = position;
  }

  /** Of the next line: so many have been given out. */
  get position(): number {
    return this.#position;
  }

  /** @returns whether it had to be cut. */
  add(entry: Entry): boolean {
    const { line, mayContinue } = this.#text.of(entry);
    const key = mayContinue ? Buffer.from(entry.text('_PID')) : APART;
    const source = this.#sourceOf(key, line);
    if (!mayContinue) this.#apart.add(source);
    return this.#give(source, line, false);
  }

  /** What journalctl wrote and nobody can read, as it is. */
  addUnread(text: string): void {
    const line = { text, host: '', program: '', path: '', time: Number.NaN, fields: null };
    const source = this.#sourceOf(APART, line);
    this.#apart.add(source);
    this.#give(source, line, true);
  }

  drain(): LineBlock[] {
    return this.#blocks.drain();
  }

  #sourceOf(key: Buffer, { host, program, path }: { host: string; program: string; path: string }): Source {
    const { source, ended } = this.#sources.of({ key, host, program, path });
    if (ended !== null) this.#blocks.end(ended);
    return source;
  }

  #give(source: Source, line: Parameters<GrowingBlocks['add']>[1], isCut: boolean): boolean {
    const at = this.#position++;
    this.cursors.give(source, at, at + 1);
    return this.#blocks.add(source, line, at, at + 1, isCut);
  }
}

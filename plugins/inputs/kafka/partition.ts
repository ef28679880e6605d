import type { LineBlock, Source } from '../../../src/record/source.js';
import type { TiedPartition } from '../../kafka/tie.js';
import { KeySources } from '../../shippers/key-sources.js';
import { PartitionOffsets } from './offsets.js';

/** A partition for as long as it is ours: when it comes again after it was taken away, that is another object, and what settles late finds the old one. */
export class Partition implements TiedPartition {
  readonly offsets = new PartitionOffsets<Source>();
  readonly sources: KeySources;
  /**
   * `leaving`: it is being taken away, so nothing of it is handed out any more; `gone`: it is another member's, or is read again, as another object;
   * `replaced`: its offsets began again, so what came before still goes on its way, but says nothing of what may be committed.
   */
  state: 'ours' | 'leaving' | 'gone' | 'replaced' = 'ours';
  /** The offset of the first message that came; -1 before it. */
  first = -1;
  /** The offset of the last message that came; -1 before the first. */
  received = -1;
  /** As far as the group knows; -1 while nothing was committed by us. */
  committed = -1;
  /** Where reading stops without `follow`. */
  end = Number.POSITIVE_INFINITY;
  /** Its end was reached. */
  ended = false;
  /** Sources of which something is in the pipeline, and up to where it has to settle. */
  readonly #outstanding = new Map<Source, number>();
  /** Up to where the sources were handed out that may go on. */
  readonly #handedOut = new Map<Source, number>();

  constructor(
    readonly topic: string,
    readonly partition: number,
    base: Source,
    maxOpenKeys: number,
  ) {
    this.sources = new KeySources(base, maxOpenKeys);
  }

  /** Whether what came from it is for us to hand on. */
  get flows(): boolean {
    return this.state === 'ours' || this.state === 'replaced';
  }

  get writable(): boolean {
    return this.state !== 'gone';
  }

  get committable(): number {
    return this.offsets.committable;
  }

  passed(offset: number): boolean {
    return this.offsets.firstOpen > offset;
  }

  /** Nothing of it is in the pipeline that would count. */
  get drained(): boolean {
    return this.#outstanding.size === 0 || this.state === 'gone';
  }

  /** A message came. */
  receive(offset: number): void {
    if (this.first < 0) this.first = offset;
    this.received = offset;
  }

  /** It is being taken away. */
  leave(): void {
    if (this.state === 'ours') this.state = 'leaving';
  }

  /** What is to be committed; null where the group knows it already. */
  get toCommit(): { topic: string; partition: number; offset: number } | null {
    const { topic, partition, offsets } = this;
    const offset = offsets.committable;
    return (this.state === 'ours' || this.state === 'leaving') && offset > this.committed ? { topic, partition, offset } : null;
  }

  /** A block goes into the pipeline. */
  yielded({ source, lines, end, last }: LineBlock): void {
    if (lines.length > 0) this.#outstanding.set(source, end);
    if (last === true) this.#handedOut.delete(source);
    else this.#handedOut.set(source, end);
  }

  /**
   * Blocks that end what was handed out: nothing will follow. They say no more than what was: a position behind lines that were not handed out
   * would settle those.
   */
  endings(): LineBlock[] {
    const endings = [...this.#handedOut].map(([source, end]) => ({ source, lines: [], offsets: [], end, bytes: 0, last: true }));
    this.#handedOut.clear();
    return endings;
  }

  settled(source: Source, position: number): void {
    this.offsets.settle(source, position);
    if ((this.#outstanding.get(source) ?? Number.POSITIVE_INFINITY) <= position) this.#outstanding.delete(source);
  }
}

/** Names a partition among those of a member. */
export function nameOf(topic: string, partition: number): string {
  return `${topic}/${partition}`;
}

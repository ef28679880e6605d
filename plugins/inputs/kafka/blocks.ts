import { plausibleTime } from '../../../src/record/plausible.js';
import type { LineBlock, Source } from '../../../src/record/source.js';
import { type CodecName, decodeValue, MOST_PIECES } from '../../shippers/codec.js';
import { GrowingBlock } from '../../shippers/growing-block.js';
import { headTest } from '../../shippers/heads.js';
import { type Headers, simpleHeaders } from './headers.js';
import type { Received } from './message-buffer.js';
import type { Partition } from './partition.js';

/** A block that is ready to go, and whose it is. */
export interface ReadyBlock {
  readonly partition: Partition;
  readonly block: LineBlock;
}

export interface BlockOptions {
  readonly codec: CodecName;
  readonly maxBytes: number;
  /** The header that names the host; null for none. */
  readonly hostHeader: string | null;
  /** Each line is a record by itself, and blocks follow each other in the order of their partition. */
  readonly apart: boolean;
  /** Counts something by name. */
  readonly count: (name: string, by?: number) => void;
}

/** Blocks that are being made. */
interface Making {
  readonly blocks: Growing[];
  /** To which lines may be added: by source or, where each line is apart, by partition, which has but one. */
  readonly open: Map<Source | Partition, Growing>;
}

/** A block while it grows, and whose it is. */
interface Growing {
  readonly partition: Partition;
  readonly block: GrowingBlock;
}

/** Makes blocks of messages: one for each writer whose lines may continue each other, and enters what they hold in the partitions' books. */
export class BlockMaker {
  readonly #isHead: (line: string) => boolean;

  constructor(
    readonly options: BlockOptions,
    base: Pick<Source, 'format' | 'timezone' | 'input'>,
  ) {
    this.#isHead = headTest(base);
  }

  /** The messages must be in order per partition. In the blocks the lines of a source are in order, and so are the blocks of a source. */
  make(messages: readonly Received[]): readonly ReadyBlock[] {
    const making: Making = { blocks: [], open: new Map() };
    for (const received of messages) this.#add(received, making);
    return making.blocks.map(({ partition, block }) => ({ partition, block: block.finished(this.options.apart) }));
  }

  #add({ partition, message }: Received, making: Making): void {
    const { codec, maxBytes, hostHeader, apart, count } = this.options;
    const { offset, value } = message;
    if (value === null || value === undefined) {
      count('tombstones');
      partition.offsets.handOut(offset, null);
      return;
    }
    const { pieces, cut, damaged } = decodeValue(value, codec, maxBytes, this.#isHead);
    if (cut) count('messages_cut');
    if (damaged) count('messages_damaged');
    const headers = simpleHeaders(message.headers as Headers | undefined);
    const host = hostHeader === null ? '' : (headers?.[hostHeader] ?? '');
    const key = typeof message.key === 'string' ? Buffer.from(message.key) : (message.key ?? null);
    const written = typeof message.timestamp === 'number' && message.timestamp > 0 ? plausibleTime(message.timestamp) : Number.NaN;
    for (const [i, piece] of pieces.entries()) {
      // A JSON object is a record by itself: to join it by key would only make small blocks.
      const isWhole = apart || piece.text.charCodeAt(0) === 123;
      const writer = { key: isWhole ? null : key, host: piece.host || host, program: piece.program, path: piece.path };
      const { source, ended } = partition.sources.of(writer);
      if (ended !== null) {
        count('keys_evicted');
        const block = (apart ? undefined : making.open.get(ended)?.block) ?? begun(partition, ended, making, offset);
        block.last = true;
      }
      const at = offset + i / MOST_PIECES;
      const end = i + 1 === pieces.length ? offset + 1 : offset + (i + 1) / MOST_PIECES;
      partition.offsets.handOut(at, source);
      const time = Number.isNaN(piece.time) ? written : piece.time;
      const fields = headers === null ? piece.fields : { ...piece.fields, kafka_headers: headers };
      this.#blockOf(partition, source, making, offset).add(piece.text, at, end, time, cut, fields);
    }
  }

  #blockOf(partition: Partition, source: Source, making: Making, offset: number): GrowingBlock {
    const key = this.options.apart ? partition : source;
    const open = making.open.get(key)?.block;
    return open?.source === source ? open : begun(partition, source, making, offset, key);
  }
}

function begun(partition: Partition, source: Source, making: Making, end: number, key: Source | Partition = source): GrowingBlock {
  const block = new GrowingBlock(source, end);
  const growing = { partition, block };
  making.blocks.push(growing);
  making.open.set(key, growing);
  return block;
}

import { DECODER_NAMES, Decoder } from '../../../src/record/decode.js';
import { plausibleTime } from '../../../src/record/plausible.js';
import type { LineBlock, Source } from '../../../src/record/source.js';
import { type CodecName, decodeValue, MOST_PIECES } from '../../shippers/codec.js';
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

/** A block while it grows. */
interface Growing {
  readonly partition: Partition;
  readonly source: Source;
  readonly lines: string[];
  readonly offsets: number[];
  readonly times: number[];
  readonly cut: Set<number>;
  readonly whole: Set<number>;
  readonly fields: Map<number, Readonly<Record<string, unknown>>>;
  end: number;
  bytes: number;
  last: boolean;
}

/** Makes blocks of messages: one for each writer whose lines may continue each other, and enters what they hold in the partitions' books. */
export class BlockMaker {
  readonly #isHead: (line: string) => boolean;

  constructor(
    readonly options: BlockOptions,
    base: Pick<Source, 'format' | 'timezone' | 'input'>,
  ) {
    const format = DECODER_NAMES.includes(base.format) ? base.format : 'auto';
    const decoder = new Decoder({ ...base, format, id: '', name: '', program: '', host: '' });
    this.#isHead = (line) => decoder.decode(line, 0) !== null && !decoder.traceback;
  }

  /** The messages must be in order per partition. In the blocks the lines of a source are in order, and so are the blocks of a source. */
  make(messages: readonly Received[]): readonly ReadyBlock[] {
    const making: Making = { blocks: [], open: new Map() };
    for (const received of messages) this.#add(received, making);
    return making.blocks.map(({ partition, cut, whole, fields, last, ...block }) => ({
      partition,
      block: {
        ...block,
        ...(cut.size > 0 && { cut }),
        ...(whole.size > 0 && { whole }),
        ...(fields.size > 0 && { fields }),
        ...(last && { last }),
        ...(this.options.apart && { apart: true }),
      },
    }));
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
        const block = (apart ? undefined : making.open.get(ended)) ?? begun(partition, ended, making, offset);
        block.last = true;
      }
      const at = offset + i / MOST_PIECES;
      partition.offsets.handOut(at, source);
      const block = this.#blockOf(partition, source, making, offset);
      const index = block.lines.length;
      block.lines.push(piece.text);
      block.offsets.push(at);
      block.times.push(Number.isNaN(piece.time) ? written : piece.time);
      block.end = i + 1 === pieces.length ? offset + 1 : offset + (i + 1) / MOST_PIECES;
      block.bytes += piece.text.length;
      if (cut) block.cut.add(index);
      if (piece.text.includes('\n')) block.whole.add(index);
      if (headers !== null || piece.fields !== null)
        block.fields.set(index, { ...piece.fields, ...(headers !== null && { kafka_headers: headers }) });
    }
  }

  #blockOf(partition: Partition, source: Source, making: Making, offset: number): Growing {
    const key = this.options.apart ? partition : source;
    const open = making.open.get(key);
    return open?.source === source ? open : begun(partition, source, making, offset, key);
  }
}

function begun(partition: Partition, source: Source, making: Making, end: number, key: Source | Partition = source): Growing {
  const block: Growing = {
    partition,
    source,
    lines: [],
    offsets: [],
    times: [],
    cut: new Set(),
    whole: new Set(),
    fields: new Map(),
    end,
    bytes: 0,
    last: false,
  };
  making.blocks.push(block);
  making.open.set(key, block);
  return block;
}

import { createHash } from 'node:crypto';
import { crc32 } from 'node:zlib';
import type { Frame } from '../../forward/frame.js';

/** Who is told that a chunk is stored. */
export interface Waiting {
  acknowledge(receipt: ChunkReceipt): void;
  /** Whatever becomes of it, it is not stored and never will be by this reading. */
  refuse(reason: string): void;
}

/** One chunk on its way: it is stored when all was handed on that is in it, and all of that is settled. */
export class ChunkReceipt {
  readonly waiting = new Set<Waiting>();
  #open = 0;
  #complete = false;

  constructor(
    /** The same for each sending of this chunk, also over restarts: the records' ids rest on it. */
    readonly id: string,
    readonly chunk: string,
    readonly entries: { readonly length: number; readonly crc: number },
    readonly forget: () => void,
  ) {}

  /** A part was handed on, and will be settled. */
  opened(): void {
    this.#open++;
  }

  settled(): void {
    this.#open--;
    this.#finish();
  }

  /** All of it was handed on. */
  complete(): void {
    this.#complete = true;
    this.#finish();
  }

  refuse(reason: string): void {
    this.forget();
    for (const sender of this.waiting) sender.refuse(reason);
    this.waiting.clear();
  }

  #finish(): void {
    if (!this.#complete || this.#open > 0) return;
    this.forget();
    for (const sender of this.waiting) sender.acknowledge(this);
    this.waiting.clear();
  }
}

/** The chunks that are on their way. One that comes again meanwhile is not taken again: whoever sent it is told when the first is stored. */
export class Receipts {
  readonly #byId = new Map<string, ChunkReceipt>();

  get size(): number {
    return this.#byId.size;
  }

  /** @returns whether the chunk is new and has to be read; `receipt` is null where the sender does not want to be told */
  of(frame: Frame): { readonly receipt: ChunkReceipt | null; readonly isNew: boolean } {
    const { tag, chunk, entries } = frame;
    if (chunk === null) return { receipt: null, isNew: true };
    const id = createHash('sha256').update(`${tag}\n${chunk}`).digest('hex').slice(0, 16);
    const shape = { length: entries.length, crc: crc32(entries) };
    const known = this.#byId.get(id);
    if (known !== undefined && known.entries.length === shape.length && known.entries.crc === shape.crc)
      return { receipt: known, isNew: false };
    const receipt = new ChunkReceipt(id, chunk, shape, () => {
      if (this.#byId.get(id) === receipt) this.#byId.delete(id);
    });
    this.#byId.set(id, receipt);
    return { receipt, isNew: true };
  }
}

import type { Output } from '../plugin/contract.js';
import type { LogRecord } from '../record/record.js';
import type { DeadLetter, DeadLetterFile } from './dead-letters.js';
import type { Receipt } from './receipt.js';
import { untilItWorks } from './retry.js';

export interface DeliveryEvents {
  wrote(records: number): void;
  rejected(records: number): void;
  failed(error: Error, attempt: number): void;
}

interface Parcel {
  readonly encoded: unknown;
  readonly records: number;
  readonly bytes: number;
  readonly receipt: Receipt;
}

/**
 * The queue before one output. One write at a time, in order; what came meanwhile goes together in the next, so that one fsync or one
 * request serves many batches. Its length is bounded by the flight, not here.
 */
export class Delivery {
  #queue: Parcel[] = [];
  #working: Promise<void> | null = null;

  constructor(
    readonly name: string,
    readonly output: Output,
    readonly wants: ((record: LogRecord) => boolean) | null,
    readonly deadLetters: DeadLetterFile,
    readonly maxWriteBytes: number,
    readonly events: DeliveryEvents,
    /** Aborts when the agent gives up on waiting. */
    readonly giveUp: AbortSignal,
  ) {}

  /** The receipt is settled once every record is stored, or dead and stored as such. */
  send(records: readonly LogRecord[], bytes: number, receipt: Receipt): void {
    const wanted = this.wants === null ? records : records.filter(this.wants);
    if (wanted.length === 0) {
      receipt.settle();
      return;
    }
    this.#queue.push({ encoded: this.output.encode(wanted), records: wanted.length, bytes, receipt });
    this.#working ??= this.#work();
  }

  /** Resolves when nothing is queued any more, or the agent has given up. */
  async drained(): Promise<void> {
    await this.#working;
  }

  async #work(): Promise<void> {
    try {
      while (this.#queue.length > 0 && !this.giveUp.aborted) {
        const parcels = this.#take();
        await this.#write(parcels);
        for (const parcel of parcels) parcel.receipt.settle();
      }
    } catch (error) {
      // Only giving up ends the retries; then the receipts stay open, and what they stand for is read again at the next start.
      if (!this.giveUp.aborted) throw error;
    } finally {
      this.#working = null;
    }
  }

  #take(): Parcel[] {
    let bytes = 0;
    let count = 0;
    for (const parcel of this.#queue) {
      bytes += parcel.bytes;
      if (count > 0 && bytes > this.maxWriteBytes) break;
      count++;
    }
    return this.#queue.splice(0, count);
  }

  async #write(parcels: readonly Parcel[]): Promise<void> {
    const retry = { signal: this.giveUp, failed: this.events.failed };
    const encoded = parcels.map((parcel) => parcel.encoded);
    const rejections = await untilItWorks(() => this.output.write(encoded, this.giveUp), retry);
    const records = parcels.reduce((sum, parcel) => sum + parcel.records, 0);
    this.events.wrote(records - rejections.length);
    if (rejections.length === 0) return;
    const letters = rejections.map((rejection): DeadLetter => ({ ...rejection, output: this.name }));
    await untilItWorks(() => this.deadLetters.store(letters), retry);
    this.events.rejected(letters.length);
  }
}

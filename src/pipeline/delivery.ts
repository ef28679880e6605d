import pRetry from 'p-retry';
import type { Amendment, Output, Pace } from '../plugin/contract.js';
import type { LogRecord } from '../record/record.js';
import type { LateAnswer } from '../stages/template-stages.js';
import type { Amendments, OpenRecord } from './amendments.js';
import type { DeadLetter, DeadLetterStore } from './dead-letters.js';
import { Gathering } from './gathering.js';
import { encodedBy, writtenBy } from './output-steps.js';
import type { Receipt } from './receipt.js';
import { untilItWorks } from './retry.js';
import { within } from './within.js';

export interface DeliveryEvents {
  wrote(records: number): void;
  rejected(records: number): void;
  failed(error: Error, attempt: number): void;
  amended(records: number): void;
  /** Late labels could not be brought; the records keep what they have. */
  unamended(records: number, error: unknown): void;
  /** A defect that no further try would heal; nothing more is written, and what is not settled stays so. */
  broken(error: unknown): void;
}

interface Parcel {
  /** What the output made of the records; of each alone where they could not be encoded together. */
  readonly encoded: readonly unknown[];
  readonly records: number;
  /** Records that could not be encoded. */
  readonly dead: readonly DeadLetter[];
  /** Records that left without a label. */
  readonly open: readonly OpenRecord[];
  /** As the output counts, or of the log text. */
  readonly size: number;
  readonly receipt: Receipt;
}

/** How often late labels are tried to be brought. */
const AMEND_RETRIES = 4;
/** Records that are amended in one go. */
const AMENDED_TOGETHER = 1000;

/**
 * The queue before one output. What came while a write is under way goes together in the next, so that one fsync or one request serves many
 * batches. One write at a time, in order, unless the output has a pace of its own. Its length is bounded by the flight, not here.
 */
export class Delivery {
  readonly #queue: Gathering<Parcel>;
  readonly #pace: Pace | null;
  readonly #writers = new Set<Promise<void>>();
  #wake: NodeJS.Timeout | undefined;
  /** Nothing more comes: what waits need not wait for it. */
  #draining = false;
  #broken = false;
  #due: Amendment[] = [];
  #unsettled = 0;

  constructor(
    readonly name: string,
    readonly output: Output,
    readonly wants: ((record: LogRecord) => boolean) | null,
    readonly deadLetters: DeadLetterStore,
    maxWriteBytes: number,
    readonly events: DeliveryEvents,
    /** Aborts when the agent gives up on waiting. */
    readonly giveUp: AbortSignal,
    /** Null where the output cannot change what it stored, or nobody finds labels later. */
    readonly amendments: Amendments | null = null,
  ) {
    this.#pace = output.pace ?? null;
    this.#queue = new Gathering({ full: this.#pace?.fullBytes ?? maxWriteBytes, waitMs: this.#pace?.waitMs ?? 0 });
  }

  /**
   * The receipt is settled once every record is stored, or dead and stored as such; never after the agent gave up, because by then the input
   * that would be told may be closed.
   */
  send(records: readonly LogRecord[], bytes: number, receipt: Receipt): void {
    const wanted = this.wants === null ? records : records.filter(this.wants);
    if (wanted.length === 0) {
      this.#settle(receipt);
      return;
    }
    // Its receipt stays open, as those before it: what it stands for is read again at the next start.
    if (this.#broken) return;
    this.#unsettled += wanted.length;
    const open = this.amendments?.openOf(wanted) ?? [];
    const made = this.#encode(wanted);
    const pace = this.#pace;
    const size = pace === null ? bytes : made.encoded.reduce<number>((sum, parcel) => sum + pace.sizeOf(parcel), 0);
    this.#queue.add({ ...made, records: wanted.length, open, size, receipt });
    this.#start();
  }

  /** Records that it was given and that are not settled. */
  get unsettled(): number {
    return this.#unsettled;
  }

  /** A write is under way or tried again, or what there is waits for more as the output wants it. */
  get atWork(): boolean {
    return this.#writers.size > 0 || (this.#queue.dueInMs() ?? 0) > 0;
  }

  /** Forgets what waits and is read again by the successor of its input. */
  forgetDropped(): void {
    for (const { records } of this.#queue.takeOut(({ receipt }) => receipt.isDropped())) this.#unsettled -= records;
  }

  /** The language model has answered for a template. What of it was written without a label gets one. */
  amend(answer: LateAnswer): void {
    if (this.amendments === null || this.#broken) return;
    this.#due.push(...this.amendments.answered(answer));
    this.#start();
  }

  /** Resolves when nothing is queued any more, the output is broken, or the agent has given up. Nothing may be sent after. */
  async drained(): Promise<void> {
    this.#draining = true;
    this.#start();
    while (this.#writers.size > 0) await Promise.all(this.#writers);
    clearTimeout(this.#wake);
  }

  /** Writes what it has without waiting for more. Resolves with whether all of it is settled, after so long at the latest; it then goes on as before. Nothing may be sent meanwhile. */
  async emptied(withinMs: number): Promise<boolean> {
    await within(this.drained(), withinMs);
    this.#draining = false;
    if (this.#unsettled === 0) return true;
    this.#start();
    return false;
  }

  /** Lets as many write as there is work for and the output wants. */
  #start(): void {
    clearTimeout(this.#wake);
    while (this.#writers.size < this.#parallel && this.#mayGo()) {
      // What it begins with is taken before it first waits, so that the next one sees what is left.
      const writer: Promise<void> = this.#work().finally(() => {
        this.#writers.delete(writer);
        this.#start();
      });
      this.#writers.add(writer);
    }
    const wait = this.#queue.dueInMs();
    if (wait !== null && wait > 0 && !this.giveUp.aborted && !this.#draining) this.#wake = setTimeout(() => this.#start(), wait);
  }

  /** Whether there is something to write or to amend now. */
  #mayGo(): boolean {
    if (this.#broken || this.giveUp.aborted) return false;
    return this.#due.length > 0 || this.#isDue;
  }

  /** Whether there is a write to make now. */
  get #isDue(): boolean {
    return this.#queue.dueInMs() === 0 || (this.#draining && this.#queue.length > 0);
  }

  get #parallel(): number {
    return this.#pace?.parallel ?? 1;
  }

  async #work(): Promise<void> {
    try {
      do {
        const parcels = this.#isDue ? this.#queue.take() : [];
        if (parcels.length > 0) await this.#write(parcels);
        for (const { receipt, records } of parcels) {
          this.#unsettled -= records;
          this.#settle(receipt);
        }
        this.#due.push(...(this.amendments?.written(parcels.flatMap(({ open }) => open)) ?? []));
        if (this.#due.length > 0) await this.#amend(this.#due.splice(0, AMENDED_TOGETHER));
      } while (this.#mayGo() && this.#writers.size <= this.#parallel);
    } catch (error) {
      // Giving up ends the retries; anything else is a defect. Either way the receipts stay open, and what they stand for is read again at
      // the next start.
      if (this.giveUp.aborted) return;
      this.#broken = true;
      this.#queue.clear();
      this.events.broken(error);
    }
  }

  /** Nothing waits for it but what comes after: no receipt, and it does not go on for ever. */
  async #amend(due: readonly Amendment[]): Promise<void> {
    try {
      await pRetry(async () => this.output.amend?.(due, this.giveUp), { retries: AMEND_RETRIES, minTimeout: 500, signal: this.giveUp });
      this.events.amended(due.length);
    } catch (error) {
      if (this.giveUp.aborted) return;
      // What waits behind it would fail, too, and hold back the writes for as long again.
      this.events.unamended(due.length + this.#due.length, error);
      this.#due = [];
    }
  }

  #settle(receipt: Receipt): void {
    if (!this.giveUp.aborted) receipt.settle();
  }

  #encode(records: readonly LogRecord[]): Pick<Parcel, 'encoded' | 'dead'> {
    const { parcels, unfit } = encodedBy(this.output, records);
    const dead = [...unfit].map(([i, reason]): DeadLetter => {
      const { message, id } = records[i] as LogRecord;
      return { document: JSON.stringify({ message, event: { id } }), output: this.name, reason };
    });
    return { encoded: parcels, dead };
  }

  async #write(parcels: readonly Parcel[]): Promise<void> {
    const retry = { signal: this.giveUp, failed: this.events.failed };
    const encoded = parcels.flatMap((parcel) => parcel.encoded);
    const written = encoded.length === 0 ? [] : await writtenBy(this.output, this.name, encoded, retry);
    const letters = [
      ...parcels.flatMap((parcel) => parcel.dead),
      ...written.map(({ document, reason }): DeadLetter => ({ document, reason, output: this.name })),
    ];
    const records = parcels.reduce((sum, parcel) => sum + parcel.records, 0);
    this.events.wrote(records - letters.length);
    if (letters.length === 0) return;
    await untilItWorks(() => this.deadLetters.store(letters), retry);
    this.events.rejected(letters.length);
  }
}

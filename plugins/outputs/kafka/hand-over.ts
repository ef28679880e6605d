import type { Fault } from '../../kafka/words.js';
import { type Batch, messageOf, outgoing } from './batch.js';
import type { ProducerLink } from './producer-link.js';
import { Refusals } from './refusals.js';
import type { Transaction } from './transaction.js';

/** Who takes the messages. */
type Sender = Pick<ProducerLink, 'produce' | 'ready' | 'settled'>;

/** Hands the messages of a transaction to a producer, and notes those that are refused. */
export class HandOver {
  readonly #refusals = new Refusals();
  /** The one that is under way with no other. */
  #alone: Buffer | null = null;

  constructor(
    /** The dead letter of a message. */
    readonly letterOf: (batch: Batch, index: number) => string,
    readonly queueFull: () => void,
  ) {}

  /** Null when all of the batch is handed over or dead, or the transaction failed; else why it has to fail. */
  async send(producer: Sender, batch: Batch, transaction: Transaction): Promise<string | null> {
    await Promise.race([producer.ready(), transaction.failed]);
    for (let index = 0; index < batch.ends.length && transaction.fault === null; index++) {
      const verdict = this.#refusals.of(messageOf(batch, index));
      let fault: string | null = null;
      if (verdict.kind === 'dead') this.#bury(batch, index, verdict.reason);
      else if (verdict.kind === 'alone') fault = await this.#sendAlone(producer, batch, index, transaction);
      else fault = await this.#produce(producer, batch, index, transaction);
      if (fault !== null) return fault;
    }
    return null;
  }

  /** A message of the open transaction was not stored, which then has to fail. */
  failed(value: Buffer, fault: Fault): void {
    if (fault.kind === 'too_large' || fault.kind === 'invalid')
      this.#refusals.refused(value, this.#alone?.equals(value) === true, fault.text);
  }

  committed(): void {
    this.#refusals.committed();
  }

  aborted(): void {
    this.#refusals.aborted();
  }

  /** What the producer puts into one batch with others is refused with them. */
  async #sendAlone(producer: Sender, batch: Batch, index: number, transaction: Transaction): Promise<string | null> {
    await Promise.race([producer.settled(), transaction.failed]);
    if (transaction.fault !== null) return null;
    this.#alone = messageOf(batch, index);
    try {
      const fault = await this.#produce(producer, batch, index, transaction);
      await Promise.race([producer.settled(), transaction.failed]);
      return fault;
    } finally {
      this.#alone = null;
    }
  }

  async #produce(producer: Sender, batch: Batch, index: number, transaction: Transaction): Promise<string | null> {
    const message = outgoing(batch, index);
    while (transaction.fault === null) {
      const fault = producer.produce(message);
      if (fault === null) return null;
      if (fault.kind === 'too_large') {
        this.#bury(batch, index, fault.text);
        return null;
      }
      if (fault.kind !== 'queue_full') return fault.text;
      this.queueFull();
      await Promise.race([producer.settled(), transaction.failed]);
    }
    return null;
  }

  #bury(batch: Batch, index: number, reason: string): void {
    batch.dead.push({ document: this.letterOf(batch, index), reason });
  }
}

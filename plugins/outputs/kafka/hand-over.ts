import type { Fault } from '../../kafka/words.js';
import { type Batch, messageOf, outgoing } from './batch.js';
import type { ProducerLink } from './producer-link.js';
import { Refusals } from './refusals.js';
import { Room } from './room.js';
import { type Given, Tickets } from './tickets.js';
import type { Handed, Transaction } from './transaction.js';

interface Sent {
  readonly batch: Batch;
  readonly handed: Handed;
  readonly alone: boolean;
}

type Sender = Pick<ProducerLink, 'produce'>;

/** Hands the messages of a transaction to a producer, and takes their reports. */
export class HandOver {
  readonly #tickets = new Tickets<Sent>();
  /** Of the transaction that is open. */
  #given: Given<Sent>[] = [];
  readonly #refusals = new Refusals();
  readonly #room = new Room();

  constructor(
    /** The dead letter of a message. */
    readonly letterOf: (batch: Batch, index: number) => string,
    readonly queueFull: () => void,
  ) {}

  /** Null when all of the batch is handed over or dead, or the transaction failed; else why it has to fail. */
  async send(producer: Sender, batch: Batch, handed: Handed, transaction: Transaction): Promise<string | null> {
    const ticket = this.#give({ batch, handed, alone: false });
    for (let index = 0; index < batch.ends.length && transaction.fault === null; index++) {
      const verdict = this.#refusals.of(messageOf(batch, index));
      let fault: string | null = null;
      if (verdict.kind === 'dead') this.#bury(batch, index, verdict.reason);
      else if (verdict.kind === 'alone') fault = await this.#sendAlone(producer, { batch, handed }, index, transaction);
      else fault = await this.#produce(producer, batch, index, ticket, handed, transaction);
      if (fault !== null) return fault;
    }
    return null;
  }

  /** A report has come. Null where all is well; else why the transaction has to fail. */
  reported(ticket: number, fault: Fault | null): string | null {
    const found = this.#tickets.find(ticket);
    if (found === null) return null;
    const { owner, first } = found;
    if (fault?.kind === 'too_large' || fault?.kind === 'invalid')
      this.#refusals.refused(messageOf(owner.batch, ticket - first), owner.alone, fault.text);
    owner.handed.reported();
    return fault?.text ?? null;
  }

  committed(): void {
    this.#refusals.committed();
    this.#takeBack();
  }

  aborted(): void {
    this.#refusals.aborted();
    this.#takeBack();
  }

  /** There may be room in the producer's queue. */
  room(): void {
    this.#room.free();
  }

  /** What the producer puts into one batch with others is refused with them. */
  async #sendAlone(producer: Sender, sent: Omit<Sent, 'alone'>, index: number, transaction: Transaction): Promise<string | null> {
    await this.#quiet(transaction);
    const fault = await this.#produce(producer, sent.batch, index, this.#give({ ...sent, alone: true }), sent.handed, transaction);
    await this.#quiet(transaction);
    return fault;
  }

  async #produce(
    producer: Sender,
    batch: Batch,
    index: number,
    { first }: Given<Sent>,
    handed: Handed,
    transaction: Transaction,
  ): Promise<string | null> {
    const message = outgoing(batch, index, first);
    while (transaction.fault === null) {
      const fault = producer.produce(message);
      if (fault === null) {
        handed.handedOver();
        return null;
      }
      if (fault.kind === 'too_large') {
        this.#bury(batch, index, fault.text);
        return null;
      }
      if (fault.kind !== 'queue_full') return fault.text;
      this.queueFull();
      await this.#room.wait();
    }
    return null;
  }

  #bury(batch: Batch, index: number, reason: string): void {
    batch.dead.push({ document: this.letterOf(batch, index), reason });
  }

  #give(sent: Sent): Given<Sent> {
    const ticket = this.#tickets.give(sent, sent.batch.ends.length);
    this.#given.push(ticket);
    return ticket;
  }

  #takeBack(): void {
    for (const ticket of this.#given.splice(0)) this.#tickets.takeBack(ticket);
  }

  /** Resolves when nothing is under way, or the transaction has failed. */
  async #quiet(transaction: Transaction): Promise<void> {
    while (transaction.underWay > 0 && transaction.fault === null) await this.#room.wait();
  }
}

import type { ComponentContext, Input, Output, Pace, Rejection } from '../../../src/plugin/contract.js';
import type { LogRecord } from '../../../src/record/record.js';
import type { SplitProperties } from '../../kafka/properties.js';
import { tiedInput } from '../../kafka/tie.js';
import { messageOf } from './batch.js';
import { KafkaOutput, type KafkaOutputParts } from './kafka-output.js';
import type { TiedBatch } from './tied-batch.js';
import { TransactionalProducer } from './transactional-producer.js';
import { Transactions, type TransactionTimes } from './transactions.js';

const CONNECT_MS = 10_000;

export interface TransactionalParts extends KafkaOutputParts {
  readonly times: TransactionTimes;
  /** Of a producer with this `transactional.id`. */
  transactional(id: string): SplitProperties;
}

/** Sends a message for every record, in transactions with the offsets of the messages that the records came from. Without an input, as by a replay, without them. */
export class TransactionalOutput implements Output<TiedBatch> {
  readonly #plain: KafkaOutput;
  readonly #transactions: Transactions;
  #tied = false;

  constructor(
    readonly parts: TransactionalParts,
    readonly context: ComponentContext,
  ) {
    const { writer } = parts;
    this.#plain = new KafkaOutput(parts, context);
    this.#transactions = new Transactions(
      (id, { said, broken, ...events }) =>
        TransactionalProducer.open(parts.library(), parts.transactional(id), CONNECT_MS, {
          ...events,
          said: ({ text }) => said(text),
          broken: ({ text }) => broken(text),
        }),
      (batch, index) => writer.letterOf(batch, index, messageOf(batch, index)),
      parts.times,
      context,
    );
  }

  get pace(): Pace<TiedBatch> {
    return { ...this.#plain.pace, sizeOf: ({ batch }) => batch.body.length };
  }

  open(): Promise<void> {
    return this.#plain.open();
  }

  check(signal: AbortSignal): Promise<void> {
    return this.#plain.check(signal);
  }

  tie(inputs: readonly Input[]): void {
    const input = tiedInput(inputs);
    // The configuration was checked for it.
    if (input === null) throw new Error('delivery: exactly_once needs one Kafka input');
    this.#tied = true;
    // It was for the look at the topics.
    void this.#plain.close();
    this.#transactions.start(input.tieTo(this.#transactions));
  }

  encode(records: readonly LogRecord[]): TiedBatch {
    const last = records.at(-1);
    return { batch: this.parts.writer.batchOf(records), source: last?.source ?? null, last: last?.offset ?? -1 };
  }

  async write(batches: readonly TiedBatch[], signal: AbortSignal): Promise<readonly Rejection[]> {
    if (this.#tied) return await this.#transactions.write(batches, signal);
    // The same objects on each try: in them stands what is stored.
    return await this.#plain.write(
      batches.map(({ batch }) => batch),
      signal,
    );
  }

  async close(): Promise<void> {
    if (this.#tied) await this.#transactions.close();
    await this.#plain.close();
  }
}

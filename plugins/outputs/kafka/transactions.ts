import { setTimeout as sleep } from 'node:timers/promises';
import type { ComponentContext, Rejection } from '../../../src/plugin/contract.js';
import type { OffsetBooks, OffsetStore } from '../../kafka/tie.js';
import type { Fault } from '../../kafka/words.js';
import { HandOver } from './hand-over.js';
import { Lane } from './lane.js';
import type { Outcome } from './outcome.js';
import { ProducerSupply } from './producer-supply.js';
import type { TiedBatch } from './tied-batch.js';
import { Transaction } from './transaction.js';
import type { TransactionalProducer } from './transactional-producer.js';
import { unlessAborted } from './unless-aborted.js';

const FIRST_PAUSE_MS = 100;
const LAST_PAUSE_MS = 30_000;
const LOOK_MS = 100;
const NOT_OURS = 'partitions of which something is in it are not ours any more';

export interface TransactionTimes {
  /** How long a transaction takes in more before it is committed. */
  readonly everyMs: number;
  /** It is aborted when it cannot be committed for so long; the brokers then do it by themselves. */
  readonly withinMs: number;
}

export interface ProducerEvents {
  failed(value: Buffer, fault: Fault): void;
  said(text: string): void;
  broken(text: string): void;
}

/**
 * Writes in transactions, each with the offsets of what is in it. Whatever goes wrong, the transaction is aborted, all that is on its way is forgotten,
 * and the input reads again from where the last commit has come to: so nothing is written twice, and nothing is left out.
 *
 * Handing over, committing and recovering happen in a lane, one at a time. So what is in a transaction is always all that came before a point. Who commits
 * is let in before the writes that wait: they are for the next transaction.
 */
export class Transactions implements OffsetStore {
  readonly #lane = new Lane();
  readonly #handOver: HandOver;
  #books: OffsetBooks | null = null;
  readonly #supply: ProducerSupply;
  /** The call that uses the consumer. */
  #sending: Promise<unknown> = Promise.resolve();
  #open: Transaction | null = null;
  /** Aborted since the last commit. */
  #failures = 0;
  #timer: NodeJS.Timeout | undefined;
  readonly #settled = new Set<() => void>();
  readonly #closing = new AbortController();

  constructor(
    readonly connect: (id: string, events: ProducerEvents) => Promise<TransactionalProducer>,
    readonly letterOf: ConstructorParameters<typeof HandOver>[0],
    readonly times: TransactionTimes,
    readonly context: Pick<ComponentContext, 'log' | 'count'>,
  ) {
    this.#handOver = new HandOver(letterOf, () => context.count('queue_full'));
    this.#supply = new ProducerSupply(
      (broken) =>
        connect(this.#need().transactionalId, {
          failed: (value, fault) => this.#messageFailed(value, fault),
          said: (reason) => context.log.debug('librdkafka says', { reason }),
          broken,
        }),
      // Who was displaced in the group does not displace the producer of who took its place.
      () => this.#need().consumer !== null,
      context.log,
      this.#closing.signal,
    );
  }

  /** To be called once, before the first write. What a predecessor left open is aborted at once: the group does not tell its offsets before. */
  start(books: OffsetBooks): void {
    this.#books = books;
    books.onSettled = () => this.#wake();
    void this.#lane.takeNext(() => this.#connected()).catch(() => {});
    this.#arm();
  }

  /** Resolves when the records are in a transaction, or are to be read again. @throws the signal's reason; never for what the brokers do. */
  async write(batches: readonly TiedBatch[], signal: AbortSignal): Promise<readonly Rejection[]> {
    signal.throwIfAborted();
    const { done, own } = await unlessAborted(
      this.#lane.take(() => this.#write(batches)),
      signal,
    );
    await unlessAborted(done, signal);
    return own.flatMap(({ batch }) => batch.dead);
  }

  async commit(withinMs: number, then: () => void): Promise<void> {
    const over = new AbortController();
    const late = sleep(withinMs, undefined, { signal: over.signal }).then(
      () => {
        if (this.#open !== null) this.#fail(this.#open, 'it could not be committed before partitions had to be given away');
      },
      () => {},
    );
    await Promise.race([this.#lane.takeNext(() => this.#commit(then)).catch(() => {}), late]);
    over.abort();
  }

  async released(): Promise<void> {
    await this.#sending;
  }

  /** Aborts what is open, within a bound. The input must have let go of it. */
  async close(): Promise<void> {
    clearTimeout(this.#timer);
    this.#closing.abort();
    this.#wake();
    await this.#lane.takeNext(async () => {
      if (this.#open !== null) await this.#supply.sound?.abort(() => false);
      await this.#supply.drop();
    });
  }

  async #write(batches: readonly TiedBatch[]): Promise<{ done: Promise<void>; own: readonly TiedBatch[] }> {
    await this.#recover();
    const books = this.#need();
    const own = batches.filter(({ source }) => source !== null && books.partitionOf(source)?.writable === true);
    if (own.every(({ batch }) => batch.ends.length === 0)) return { done: Promise.resolve(), own };
    const [transaction, producer] = await this.#begun();
    for (const one of own) {
      const partition = one.source === null ? null : books.partitionOf(one.source);
      if (partition === null || transaction.fault !== null) continue;
      transaction.add(partition, one);
      const fault = await this.#handOver.send(producer, one.batch, transaction);
      if (fault !== null) this.#fail(transaction, fault);
    }
    return { done: storedOf(producer, transaction), own };
  }

  /** @param then called in the lane where all that is open could be committed. */
  async #commit(then: () => void): Promise<void> {
    const books = this.#need();
    const written = this.#open;
    if (written?.fault === null) {
      await this.#until(() => written.fault !== null || written.isSettled || !written.isOurs, written);
      if (!written.isOurs) this.#fail(written, NOT_OURS);
    }
    if (written !== null && written.fault !== null) return;
    if (written?.isTorn === true) return;
    if (written === null && (books.moved().length === 0 || books.consumer === null)) return then();
    const [transaction, producer] = await this.#begun();
    // Not before it has begun: meanwhile partitions may have been given away, and a late offset of one would move its next owner back.
    const offsets = books.moved();
    const goOn = (): boolean => transaction.fault === null && this.#isYoung(transaction);
    const { consumer } = books;
    if (consumer === null) return this.#fail(transaction, 'this agent is no member of the group at the moment');
    const sending = producer.sendOffsets(offsets, consumer, () => goOn() && books.consumer === consumer);
    this.#sending = sending;
    if (this.#failed(transaction, await sending)) return;
    if (!transaction.isOurs) this.#fail(transaction, NOT_OURS);
    if (transaction.fault !== null) return;
    if (this.#failed(transaction, await producer.commit(goOn))) return;
    this.#open = null;
    this.#failures = 0;
    this.#handOver.committed();
    this.context.count('transactions');
    books.stored(offsets);
    // It was given up on meanwhile, and is stored all the same.
    if (transaction.fault !== null) void books.rewind();
    else then();
  }

  /** Whether a step ended the transaction. */
  #failed(transaction: Transaction, outcome: Outcome): boolean {
    if (outcome.kind === 'done') return false;
    if (outcome.kind === 'replace') this.#supply.break();
    this.#fail(transaction, outcome.text);
    return true;
  }

  /** At once nothing that is on its way counts any more; the rest is done in the lane. */
  #fail(transaction: Transaction, fault: string): void {
    if (!transaction.fail(fault)) return;
    this.#books?.forget();
    this.#wake();
    this.context.count('transactions_aborted');
    this.context.log.warn('a transaction is taken back, and its records are read again', { reason: fault });
    void this.#lane.takeNext(() => this.#recover()).catch(() => {});
  }

  /** Aborts a transaction that failed, and has its records read again. @throws when the output is closed. */
  async #recover(): Promise<void> {
    if (this.#open === null || this.#open.fault === null) return;
    for (;;) {
      const producer = this.#supply.sound;
      if (producer === null) {
        // Another one aborts by being there.
        await this.#connected();
        break;
      }
      const outcome = await producer.abort(() => !this.#closing.signal.aborted);
      if (outcome.kind === 'done') break;
      this.#closing.signal.throwIfAborted();
      this.#supply.break();
    }
    const pause = this.#failures === 0 ? 0 : Math.min(FIRST_PAUSE_MS * 2 ** this.#failures, LAST_PAUSE_MS);
    this.#failures++;
    if (pause > 0) await sleep(pause, undefined, { signal: this.#closing.signal });
    this.#open = null;
    this.#handOver.aborted();
    void this.#books?.rewind();
  }

  /** @throws when the output is closed. */
  async #begun(): Promise<readonly [Transaction, TransactionalProducer]> {
    for (;;) {
      const producer = await this.#connected();
      if (this.#open !== null) return [this.#open, producer];
      const outcome = await producer.begin();
      if (outcome.kind !== 'done') {
        this.#supply.break();
        continue;
      }
      this.#open = new Transaction(performance.now());
    }
  }

  /** @throws when the output is closed. */
  #connected(): Promise<TransactionalProducer> {
    return this.#supply.get((reason) => {
      if (this.#open !== null) this.#fail(this.#open, reason);
    });
  }

  #messageFailed(value: Buffer, fault: Fault): void {
    this.#handOver.failed(value, fault);
    if (this.#open !== null) this.#fail(this.#open, fault.text);
  }

  /** Resolves when it is so; a transaction that grows too old fails. Looks whenever something settles. */
  async #until(so: () => boolean, transaction: Transaction): Promise<void> {
    while (!so()) {
      this.#closing.signal.throwIfAborted();
      if (!this.#isYoung(transaction)) return this.#fail(transaction, 'its records were not settled within transaction_timeout_ms');
      const woken = new AbortController();
      const wake = (): void => woken.abort();
      this.#settled.add(wake);
      await sleep(LOOK_MS, undefined, { signal: woken.signal }).catch(() => {});
      this.#settled.delete(wake);
    }
  }

  #isYoung({ since }: Transaction): boolean {
    return performance.now() - since < this.times.withinMs;
  }

  #wake(): void {
    for (const wake of this.#settled) wake();
  }

  #arm(): void {
    this.#timer = setTimeout(() => {
      void this.#lane
        .takeNext(() => this.#commit(() => {}))
        .catch((error: unknown) => this.context.log.debug('no commit', { reason: String(error) }))
        .finally(() => {
          if (!this.#closing.signal.aborted) this.#arm();
        });
    }, this.times.everyMs).unref();
  }

  #need(): OffsetBooks {
    if (this.#books === null) throw new Error('the output is not tied to an input');
    return this.#books;
  }
}

/** Resolves when all that was handed over is stored, or the transaction has failed: where a producer cannot say so, it fails. */
async function storedOf(producer: TransactionalProducer, { failed }: Transaction): Promise<void> {
  await Promise.race([producer.settled().then((stored) => (stored ? undefined : failed)), failed]);
}

import { setTimeout as sleep } from 'node:timers/promises';
import type { LibrdKafkaError, Producer } from 'node-rdkafka';
import { connected, disconnected, faultOf, KafkaFault } from '../../kafka/connect.js';
import { type Fault, inWords } from '../../kafka/words.js';

const CONNECT_MS = 5000;
const FIRST_RETRY_MS = 1000;
const LAST_RETRY_MS = 60_000;
/** Messages that are handed over together. */
const TOGETHER = 500;
/** How soon reports are asked for, in milliseconds. */
const POLL_MS = 10;
/** Rows that wait, at most: of a few hundred bytes each. */
const MAX_WAITING = 10_000;

export interface WriterEvents {
  /** So many rows are acknowledged by all in-sync replicas. */
  written(rows: number): void;
  /** A row had to make room for later ones. */
  lost(): void;
  failed(fault: Fault): void;
}

/** Writes rows to a topic, by and by; of each key the last that was given. */
export class TopicWriter {
  readonly #waiting = new Map<string, string>();
  #wake: () => void = () => {};
  #finishing = false;

  constructor(
    readonly topic: string,
    /** Each try needs a new one. */
    readonly producer: () => Producer,
    readonly events: WriterEvents,
    readonly maxWaiting = MAX_WAITING,
  ) {}

  put(key: string, value: string): void {
    this.#waiting.delete(key);
    this.#waiting.set(key, value);
    for (const oldest of this.#waiting.keys()) {
      if (this.#waiting.size <= this.maxWaiting) break;
      this.#waiting.delete(oldest);
      this.events.lost();
    }
    this.#wake();
  }

  drop(key: string): void {
    this.#waiting.delete(key);
  }

  /** {@link run} is to end when nothing waits any more, or when it cannot be written. */
  finish(): void {
    this.#finishing = true;
    this.#wake();
  }

  /** Writes what waits until {@link finish}, or the signal. Never rejects. */
  async run(signal: AbortSignal): Promise<void> {
    let producer: Producer | null = null;
    let pause = FIRST_RETRY_MS;
    while (await this.#something(signal)) {
      try {
        producer ??= await this.#connected();
        await this.#write(producer, signal);
        pause = FIRST_RETRY_MS;
      } catch (error) {
        if (producer !== null) await disconnected(producer);
        producer = null;
        if (this.#finishing || signal.aborted) break;
        this.events.failed(faultOf(error));
        await this.#pause(pause, signal);
        pause = Math.min(2 * pause, LAST_RETRY_MS);
      }
    }
    if (producer !== null) await disconnected(producer);
  }

  async #connected(): Promise<Producer> {
    const producer = this.producer();
    // What it says has a delivery report, too; without a listener it would be thrown.
    producer.on('event.error', () => {});
    await connected(producer, CONNECT_MS);
    return producer;
  }

  /** Resolves when a row waits; false when nothing more will be written. */
  async #something(signal: AbortSignal): Promise<boolean> {
    while (this.#waiting.size === 0 && !this.#finishing && !signal.aborted) await this.#woken(signal);
    return this.#waiting.size > 0 && !signal.aborted;
  }

  #woken(signal: AbortSignal): Promise<void> {
    return new Promise((resolve) => {
      const go = (): void => {
        signal.removeEventListener('abort', go);
        this.#wake = () => {};
        resolve();
      };
      signal.addEventListener('abort', go);
      this.#wake = go;
    });
  }

  /** A pause that only the end cuts short. */
  async #pause(ms: number, signal: AbortSignal): Promise<void> {
    const over = new AbortController();
    const end = (): void => over.abort();
    signal.addEventListener('abort', end);
    this.#wake = () => {
      if (this.#finishing) end();
    };
    await sleep(ms, undefined, { signal: over.signal }).catch(() => {});
    signal.removeEventListener('abort', end);
    this.#wake = () => {};
  }

  /** Resolves when the rows are acknowledged. @throws KafkaFault where some are not: they go on waiting. */
  async #write(producer: Producer, signal: AbortSignal): Promise<void> {
    const rows = [...this.#waiting].slice(0, TOGETHER);
    const open = new Set<number>();
    let fault: Fault | null = null;
    let written = 0;
    const report = (error: LibrdKafkaError | null, { opaque }: { opaque?: unknown }): void => {
      const number = Number(opaque);
      if (!open.delete(number)) return;
      if (error) {
        fault ??= inWords(error.message);
        return;
      }
      written++;
      const [key, value] = rows[number] ?? [];
      if (key !== undefined && this.#waiting.get(key) === value) this.#waiting.delete(key);
    };
    producer.on('delivery-report', report);
    try {
      for (const [i, [key, value]] of rows.entries()) {
        producer.produce(this.topic, null, Buffer.from(value), key, Date.now(), i);
        open.add(i);
      }
    } catch (error) {
      fault = faultOf(error);
    }
    // Each has its report in the end: messages time out.
    while (open.size > 0 && !signal.aborted) {
      producer.poll();
      if (open.size > 0) await sleep(POLL_MS, undefined, { signal }).catch(() => {});
    }
    producer.off('delivery-report', report);
    if (written > 0) this.events.written(written);
    if (fault !== null) throw new KafkaFault(fault);
  }
}

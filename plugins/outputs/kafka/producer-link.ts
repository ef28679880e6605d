import { setImmediate, setTimeout as sleep } from 'node:timers/promises';
import type { LibrdKafkaError, Producer } from 'node-rdkafka';
import { connected, disconnected, faultOf, listen, topicIsThere } from '../../kafka/connect.js';
import type { KafkaLibrary } from '../../kafka/library.js';
import type { SplitProperties } from '../../kafka/properties.js';
import { type Fault, inWords } from '../../kafka/words.js';
import type { Headers } from './headers.js';

/** How often the library is asked what it has to tell, in milliseconds. */
const POLL_MS = 100;
/** One flush may take so long, in milliseconds; it holds one of Node's few threads meanwhile. */
const FLUSH_MS = 500;
const AGAIN_MS = 10;
/** At its end, what is under way may take so long, in milliseconds. */
const LAST_MS = 5000;

/** A message as it is handed over. */
export interface Message {
  readonly topic: string;
  readonly value: Buffer;
  readonly key: string | null;
  /** In milliseconds since the epoch. */
  readonly time: number;
  readonly headers: Headers | undefined;
}

export interface LinkEvents {
  /** A message was not stored, by its value. */
  failed(value: Buffer, fault: Fault): void;
  /** The producer has something to say; nothing is lost by it. */
  said(fault: Fault): void;
  /** It cannot go on: what is under way may be stored or not. */
  broken(fault: Fault): void;
}

/**
 * A producer that is connected. librdkafka finds brokers again by itself for as long as it lives.
 *
 * It reports what fails, and nothing of what is stored: a report costs as much as the rest of a message's way. That all is well is known from a flush,
 * which ends when nothing is under way any more; so messages are handed over between flushes, and many writes share one.
 */
export class ProducerLink {
  readonly #timer: NodeJS.Timeout;
  #broken = false;
  #closing: Promise<void> | null = null;
  /** How many messages have failed. */
  #failures = 0;
  #flush: Promise<boolean> | null = null;
  /** Of the flush that is to begin. */
  #next: Promise<boolean> | null = null;

  private constructor(
    readonly producer: Producer,
    readonly events: LinkEvents,
  ) {
    producer.on('delivery-report', (error: LibrdKafkaError | null, { value }) => {
      if (!error || !value) return;
      this.#failures++;
      if (!this.#broken) events.failed(value, inWords(error.message));
    });
    listen(producer, (text) => {
      const fault = inWords(text);
      if (fault.kind === 'fatal') this.#break(fault);
      else events.said(fault);
    });
    this.#timer = setInterval(() => this.#poll(), POLL_MS).unref();
  }

  /** @throws KafkaFault where no broker answers in time, with the reason; whatever the library throws of a property that it does not know. */
  static async open(library: KafkaLibrary, properties: SplitProperties, timeoutMs: number, events: LinkEvents): Promise<ProducerLink> {
    const producer = new library.Producer({ ...properties.global }, { ...properties.topic });
    await connected(producer, timeoutMs);
    return new ProducerLink(producer, events);
  }

  /** Null where the queue took it; what is wrong where it did not, `queue_full` where it may be tried again when some have {@link settled}. */
  produce({ topic, value, key, time, headers }: Message): Fault | null {
    try {
      this.producer.produce(topic, null, value, key, time, undefined, headers);
      return null;
    } catch (error) {
      const fault = faultOf(error);
      if (fault.kind === 'fatal') this.#break(fault);
      return fault;
    }
  }

  /** Resolves when no flush is under way: what is handed over meanwhile would prolong it. */
  async ready(): Promise<void> {
    while (this.#flush !== null) await this.#flush;
  }

  /** Resolves when all that was handed over by now has its end, and what failed of it was told; false where that cannot be known any more. */
  settled(): Promise<boolean> {
    this.#next ??= this.#settle();
    return this.#next;
  }

  /** Resolves when all failures that there are were told: the library tells some of them a turn. */
  async told(): Promise<void> {
    for (let before = -1; before !== this.#failures; ) {
      before = this.#failures;
      await setImmediate();
      await setImmediate();
    }
  }

  /** @throws KafkaFault */
  async check(topics: readonly string[], timeoutMs: number): Promise<void> {
    for (const topic of topics) await topicIsThere(this.producer, topic, timeoutMs);
  }

  /** Ends it, within a bound. What is under way may still be stored; it is not reported any more. */
  close(): Promise<void> {
    this.#closing ??= this.#end();
    return this.#closing;
  }

  async #end(): Promise<void> {
    if (!this.#broken) await Promise.race([this.settled(), sleep(LAST_MS, undefined, { ref: false })]);
    this.#broken = true;
    clearInterval(this.#timer);
    await this.ready();
    await disconnected(this.producer, { flushMs: 0 });
  }

  #break(fault: Fault): void {
    if (this.#broken) return;
    this.#broken = true;
    this.events.broken(fault);
  }

  async #settle(): Promise<boolean> {
    // Whoever waits for a turn hands over first.
    await setImmediate();
    await this.ready();
    this.#next = null;
    this.#flush = this.#flushed();
    const settled = await this.#flush;
    this.#flush = null;
    return settled;
  }

  async #flushed(): Promise<boolean> {
    while (!this.#broken) {
      if (await this.#flushedOnce()) {
        await this.told();
        return !this.#broken;
      }
      await sleep(AGAIN_MS);
    }
    return false;
  }

  #flushedOnce(): Promise<boolean> {
    return new Promise((resolve) => {
      try {
        this.producer.flush(FLUSH_MS, (error) => resolve(!error));
      } catch {
        resolve(false);
      }
    });
  }

  #poll(): void {
    try {
      this.producer.poll();
    } catch {
      // It is closed.
    }
  }
}

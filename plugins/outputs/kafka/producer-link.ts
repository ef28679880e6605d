import type { LibrdKafkaError, Producer } from 'node-rdkafka';
import { connected, disconnected, faultOf, listen, topicIsThere } from '../../kafka/connect.js';
import type { KafkaLibrary } from '../../kafka/library.js';
import type { SplitProperties } from '../../kafka/properties.js';
import { type Fault, inWords } from '../../kafka/words.js';
import type { Headers } from './headers.js';

/** How soon reports are asked for while there are some to come, and while there are none, in milliseconds. */
const BUSY_MS = 5;
const IDLE_MS = 250;
/** At its end, what is under way may take so long, in milliseconds. */
const FLUSH_MS = 5000;

/** A message as it is handed over. */
export interface Message {
  readonly topic: string;
  readonly value: Buffer;
  readonly key: string | null;
  /** In milliseconds since the epoch. */
  readonly time: number;
  readonly headers: Headers | undefined;
  /** Comes back with the report. */
  readonly ticket: number;
}

export interface LinkEvents {
  /** A message has its end: null where the brokers have it. */
  reported(ticket: number, fault: Fault | null): void;
  /** Reports have come, so that there is room in the queue. */
  room(): void;
  /** The producer has something to say; nothing is lost by it. */
  said(fault: Fault): void;
  /** It cannot go on: what has no report gets none. */
  broken(fault: Fault): void;
}

/** A producer that is connected. librdkafka finds brokers again by itself for as long as it lives. */
export class ProducerLink {
  #timer: NodeJS.Timeout | undefined;
  #underWay = 0;
  #broken = false;
  #closing: Promise<void> | null = null;

  private constructor(
    readonly producer: Producer,
    readonly events: LinkEvents,
  ) {
    producer.on('delivery-report', (error: LibrdKafkaError | null, report) => {
      this.#underWay--;
      if (this.#broken) return;
      events.reported(Number(report.opaque), error === null || error === undefined ? null : inWords(error.message));
      events.room();
    });
    listen(producer, (text) => {
      const fault = inWords(text);
      if (fault.kind === 'fatal') this.#break(fault);
      else events.said(fault);
    });
    this.#arm();
  }

  /** @throws KafkaFault where no broker answers in time, with the reason; whatever the library throws of a property that it does not know. */
  static async open(library: KafkaLibrary, properties: SplitProperties, timeoutMs: number, events: LinkEvents): Promise<ProducerLink> {
    const producer = new library.Producer({ ...properties.global }, { ...properties.topic });
    await connected(producer, timeoutMs);
    return new ProducerLink(producer, events);
  }

  /** Null where the queue took it; what is wrong where it did not, `queue_full` where it may be tried again after a report. */
  produce({ topic, value, key, time, headers, ticket }: Message): Fault | null {
    try {
      this.producer.produce(topic, null, value, key, time, ticket, headers);
    } catch (error) {
      const fault = faultOf(error);
      if (fault.kind === 'fatal') this.#break(fault);
      return fault;
    }
    if (this.#underWay++ === 0) this.#arm();
    return null;
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
    if (!this.#broken && this.#underWay > 0) {
      await new Promise<void>((resolve) => {
        this.producer.flush(FLUSH_MS, () => resolve());
      });
    }
    this.#broken = true;
    clearTimeout(this.#timer);
    await disconnected(this.producer, { flushMs: 0 });
  }

  #break(fault: Fault): void {
    if (this.#broken) return;
    this.#broken = true;
    this.events.broken(fault);
  }

  #arm(): void {
    clearTimeout(this.#timer);
    if (this.#closing !== null && this.#broken) return;
    this.#timer = setTimeout(() => this.#poll(), this.#underWay > 0 ? BUSY_MS : IDLE_MS).unref();
  }

  #poll(): void {
    try {
      this.producer.poll();
    } catch {
      // It is closed.
      return;
    }
    this.#arm();
  }
}

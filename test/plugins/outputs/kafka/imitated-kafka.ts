import { EventEmitter } from 'node:events';
import type { KafkaLibrary } from '../../../../plugins/kafka/library.js';

/** A message as the imitation was given it. */
export interface Taken {
  readonly producer: number;
  readonly topic: string;
  readonly text: string;
  readonly key: string | null;
  readonly ticket: number;
}

/** What the imitation does to a message: takes it (null), or refuses it with words, at once or by its report. */
export type Verdict = null | { readonly at: 'once' | 'report'; readonly says: string } | 'never';

/** node-rdkafka's producer without librdkafka: reports come a turn later, and a test says what they say. */
export class ImitatedKafka {
  readonly stored: Taken[] = [];
  producers = 0;
  closed = 0;
  #latest: EventEmitter | null = null;

  constructor(
    private readonly verdict: (message: Taken) => Verdict,
    private readonly queue = Number.POSITIVE_INFINITY,
  ) {}

  /** The producer that there is says that it cannot go on. */
  breakDown(): void {
    this.#latest?.emit('event.error', { message: 'fatal error' });
  }

  get library(): KafkaLibrary {
    const kafka = this;
    class Producer extends EventEmitter {
      readonly number = ++kafka.producers;
      #connected = false;
      #waiting = 0;

      constructor() {
        super();
        kafka.#latest = this;
      }

      connect(_options: object, done: (error: null) => void): this {
        this.#connected = true;
        setImmediate(done, null);
        return this;
      }

      isConnected(): boolean {
        return this.#connected;
      }

      getMetadata({ topic }: { topic: string }, done: (error: null, metadata: object) => void): void {
        setImmediate(done, null, { topics: [{ name: topic, partitions: [{}] }] });
      }

      produce(topic: string, _: null, value: Buffer, key: string | null, _time: number, ticket: number): void {
        if (!this.#connected) throw new Error('Producer not connected');
        if (this.#waiting >= kafka.queue) throw new Error('Local: Queue full');
        const taken = { producer: this.number, topic, text: JSON.parse(value.toString()).message as string, key, ticket };
        const verdict = kafka.verdict(taken);
        if (verdict === 'never') return;
        if (verdict?.at === 'once') throw new Error(verdict.says);
        this.#waiting++;
        setImmediate(() => {
          this.#waiting--;
          if (verdict === null) kafka.stored.push(taken);
          this.emit('delivery-report', verdict === null ? null : { message: verdict.says }, { opaque: ticket });
        });
      }

      poll(): this {
        return this;
      }

      flush(_: number, done: () => void): this {
        setImmediate(done);
        return this;
      }

      disconnect(_: number, done: () => void): void {
        this.#connected = false;
        kafka.closed++;
        setImmediate(done);
      }
    }
    return { Producer, features: [], librdkafkaVersion: '' } as unknown as KafkaLibrary;
  }
}

import { EventEmitter } from 'node:events';
import type { KafkaLibrary } from '../../../../plugins/kafka/library.js';

/** A message as the imitation was given it. */
export interface Taken {
  readonly producer: number;
  readonly topic: string;
  readonly text: string;
  readonly key: string | null;
}

/** What the imitation does to a message: takes it (null), refuses it with words, at once or by a report, or never comes to an end with it. */
export type Verdict = null | { readonly at: 'once' | 'report'; readonly says: string } | 'never';

/** node-rdkafka's producer without librdkafka: what fails is reported a turn later, and a test says what it says. */
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

      produce(topic: string, _: null, value: Buffer, key: string | null): void {
        if (!this.#connected) throw new Error('Producer not connected');
        if (this.#waiting >= kafka.queue) throw new Error('Local: Queue full');
        const taken = { producer: this.number, topic, text: JSON.parse(value.toString()).message as string, key };
        const verdict = kafka.verdict(taken);
        if (verdict !== 'never' && verdict?.at === 'once') throw new Error(verdict.says);
        this.#waiting++;
        if (verdict === 'never') return;
        setImmediate(() => {
          this.#waiting--;
          if (verdict === null) kafka.stored.push(taken);
          else this.emit('delivery-report', { message: verdict.says }, { value: Buffer.from(value) });
        });
      }

      poll(): this {
        return this;
      }

      flush(_: number, done: (error: object | null) => void): this {
        setImmediate(() => done(this.#waiting === 0 ? null : { message: 'Local: Timed out' }));
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

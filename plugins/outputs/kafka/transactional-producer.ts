import { setTimeout as sleep } from 'node:timers/promises';
import type { KafkaConsumer, LibrdKafkaError, Producer, TopicPartitionOffset } from 'node-rdkafka';
import { KafkaFault } from '../../kafka/connect.js';
import type { KafkaLibrary } from '../../kafka/library.js';
import type { SplitProperties } from '../../kafka/properties.js';
import { type Fault, inWords } from '../../kafka/words.js';
import { type Outcome, outcomeOf } from './outcome.js';
import { type LinkEvents, type Message, ProducerLink } from './producer-link.js';

/** One call of a step may take so long, in milliseconds; it holds one of Node's few threads meanwhile. */
const CALL_MS = 5000;
const AGAIN_MS = 100;

type Done = (error: LibrdKafkaError | null | undefined) => void;

/** A producer with a `transactional.id`, connected: what its predecessors left open is aborted. One step at a time. */
export class TransactionalProducer {
  private constructor(readonly link: ProducerLink) {}

  /** @throws KafkaFault where no broker answers in time, or the id may not be used; whatever the library throws of a property that it does not know. */
  static async open(
    library: KafkaLibrary,
    properties: SplitProperties,
    timeoutMs: number,
    events: LinkEvents,
  ): Promise<TransactionalProducer> {
    const link = await ProducerLink.open(library, properties, timeoutMs, events);
    const made = new TransactionalProducer(link);
    const deadline = performance.now() + timeoutMs;
    const outcome = await made.#step(
      (producer, done) => producer.initTransactions(CALL_MS, done),
      () => performance.now() < deadline,
    );
    if (outcome.kind === 'done') return made;
    await link.close();
    throw new KafkaFault(inWords(outcome.text));
  }

  /** As {@link ProducerLink.produce}. */
  produce(message: Message): Fault | null {
    return this.link.produce(message);
  }

  /** As {@link ProducerLink.ready}. */
  ready(): Promise<void> {
    return this.link.ready();
  }

  /** As {@link ProducerLink.settled}. */
  settled(): Promise<boolean> {
    return this.link.settled();
  }

  begin(): Promise<Outcome> {
    return this.#step(
      (producer, done) => producer.beginTransaction(done),
      () => false,
    );
  }

  /** @param goOn whether a step that may be made again is to be */
  sendOffsets(offsets: readonly TopicPartitionOffset[], consumer: KafkaConsumer, goOn: () => boolean): Promise<Outcome> {
    return this.#step((producer, done) => producer.sendOffsetsToTransaction([...offsets], consumer, CALL_MS, done), goOn);
  }

  commit(goOn: () => boolean): Promise<Outcome> {
    return this.#step((producer, done) => producer.commitTransaction(CALL_MS, done), goOn);
  }

  /** What was not stored of it is told by then. */
  async abort(goOn: () => boolean): Promise<Outcome> {
    const outcome = await this.#step((producer, done) => producer.abortTransaction(CALL_MS, done), goOn);
    await this.link.told();
    return outcome;
  }

  async close(): Promise<void> {
    await this.link.close();
  }

  async #step(call: (producer: Producer, done: Done) => void, goOn: () => boolean): Promise<Outcome> {
    for (;;) {
      const outcome = await new Promise<Outcome>((resolve) => {
        try {
          call(this.link.producer, (error) => resolve(outcomeOf(error)));
        } catch (error) {
          resolve({ kind: 'replace', text: error instanceof Error ? error.message : String(error) });
        }
      });
      if (outcome.kind !== 'again' || !goOn()) return outcome;
      await sleep(AGAIN_MS);
    }
  }
}

import { setImmediate, setTimeout as sleep } from 'node:timers/promises';
import type { KafkaConsumer, LibrdKafkaError, Message } from 'node-rdkafka';
import { connected, disconnected, faultOf, KafkaFault, listen, partitionsOf } from '../../kafka/connect.js';
import { type Fault, inWords } from '../../kafka/words.js';

/** librdkafka's OFFSET_BEGINNING. */
const BEGINNING = -2;
const CONNECT_MS = 5000;
const FIRST_RETRY_MS = 1000;
const LAST_RETRY_MS = 60_000;
const MESSAGES_PER_POLL = 500;
/** How soon it is looked again where nothing came, in milliseconds. */
const IDLE_MS = 50;

export interface ReaderEvents {
  message(message: Message): void;
  /** The topic is there. */
  found(): void;
  /** All was read that was there when reading began. */
  reachedEnd(): void;
  /** It cannot be read, or librdkafka has something to say. It goes on. */
  failed(fault: Fault): void;
}

/** Reads a topic from its beginning, all partitions, without a group, and then what comes, for ever. */
export class TopicReader {
  /** Where to go on in each partition. */
  readonly #next = new Map<number, number>();

  constructor(
    readonly topic: string,
    /** Each try needs a new one. */
    readonly consumer: () => KafkaConsumer,
    readonly events: ReaderEvents,
  ) {}

  /** Resolves when the signal says so and the consumer is closed. Never rejects. */
  async run(signal: AbortSignal): Promise<void> {
    for (let pause = FIRST_RETRY_MS; !signal.aborted; pause = Math.min(2 * pause, LAST_RETRY_MS)) {
      const consumer = this.consumer();
      try {
        await connected(consumer, CONNECT_MS);
        const partitions = await partitionsOf(consumer, this.topic, CONNECT_MS);
        if (partitions === 0) throw this.#missing();
        this.events.found();
        pause = FIRST_RETRY_MS;
        await this.#follow(consumer, partitions, signal);
      } catch (error) {
        if (!signal.aborted) this.events.failed(faultOf(error));
      } finally {
        await disconnected(consumer);
      }
      if (!signal.aborted) await sleep(pause, undefined, { signal }).catch(() => {});
    }
  }

  /** @throws what can only be gone on from with a new consumer. */
  async #follow(consumer: KafkaConsumer, partitions: number, signal: AbortSignal): Promise<void> {
    const ended = new Set<number>();
    let broken: Fault | null = null;
    consumer.on('partition.eof', ({ partition }) => ended.add(partition));
    consumer.on('event.error', (error) => {
      broken ??= endOf(error);
    });
    const deaf = listen(consumer, (text) => this.events.failed(inWords(text)));
    try {
      const numbers = Array.from({ length: partitions }, (_, partition) => partition);
      consumer.setDefaultConsumeTimeout(0);
      consumer.assign(numbers.map((partition) => ({ topic: this.topic, partition, offset: this.#next.get(partition) ?? BEGINNING })));
      let reached = false;
      while (!signal.aborted) {
        const messages = await consumed(consumer);
        for (const message of messages) {
          if (signal.aborted) return;
          this.#next.set(message.partition, message.offset + 1);
          this.events.message(message);
        }
        if (!reached && ended.size === partitions) {
          reached = true;
          this.events.reachedEnd();
        }
        if (broken !== null) throw this.#lost(broken);
        if (messages.length > 0) await setImmediate();
        else await sleep(IDLE_MS, undefined, { signal }).catch(() => {});
      }
    } finally {
      deaf();
    }
  }

  #lost(fault: Fault): KafkaFault {
    return fault.kind === 'topic_missing' ? this.#missing() : new KafkaFault(fault);
  }

  /** A topic of this name that comes later is another. */
  #missing(): KafkaFault {
    this.#next.clear();
    return new KafkaFault(missingTopic(this.topic));
  }
}

/** What to say of a topic that is not there: it is not made by trilog, since a broker makes it with settings that lose answers. */
export function missingTopic(topic: string): Fault {
  const how = `kafka-topics.sh --create --topic ${topic} --partitions 1 --config cleanup.policy=compact`;
  return { kind: 'topic_missing', text: `there is no topic "${topic}", or this user may not see it; make it by \`${how}\`` };
}

/** Kafka's own codes, and librdkafka's (rd_kafka_resp_err_t): the topic or a partition is not there, or may not be read. */
const ENDING = new Set([3, 29, -188, -190]);

/** Null for what librdkafka goes on from by itself. */
function endOf(error: LibrdKafkaError): Fault | null {
  return error.isFatal === true || ENDING.has(error.code) ? inWords(error.message) : null;
}

/** What is there, without waiting. @throws KafkaFault for what only a new consumer gets over. */
function consumed(consumer: KafkaConsumer): Promise<readonly Message[]> {
  return new Promise((resolve, reject) => {
    consumer.consume(MESSAGES_PER_POLL, (error, messages) => {
      const fault = error ? endOf(error) : null;
      if (fault === null) resolve(messages ?? []);
      else reject(new KafkaFault(fault));
    });
  });
}

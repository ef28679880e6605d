import { resolve } from 'node:path';
import type { KafkaConsumer, Message, Producer } from 'node-rdkafka';
import { TrilogError } from '../../../src/errors.js';
import type { SharedTable, TableContext, TableRow } from '../../../src/plugin/shared-table.js';
import { connected, disconnected, KafkaFault, partitionsOf } from '../../kafka/connect.js';
import { connectionFeatures } from '../../kafka/connection.js';
import { type KafkaLibrary, kafkaLibrary } from '../../kafka/library.js';
import type { Fault } from '../../kafka/words.js';
import { type KafkaTableKeys, readerProperties, writerProperties } from './config.js';
import { missingTopic, TopicReader } from './reader.js';
import { TopicWriter } from './writer.js';

const CHECK_MS = 5000;
/** What waits to be written is given so long at the end, in milliseconds. */
const FINISH_MS = 2000;

/** What is done with the topic. */
type Side = 'read' | 'written';

/** A table in a compacted topic; see the README for what it guarantees. */
export class KafkaTable implements SharedTable {
  readonly caughtUp: Promise<void>;
  #resolveCaughtUp: () => void = () => {};
  #library: KafkaLibrary | null = null;
  #late: NodeJS.Timeout | undefined;
  #writing: Promise<void> | null = null;
  #reading: Promise<void> = Promise.resolve();
  readonly #stopReading = new AbortController();
  readonly #stopWriting = new AbortController();
  readonly #writer: TopicWriter;
  /** What was told of each last and is not over. */
  readonly #told = new Map<Side, Fault['kind']>();

  constructor(
    readonly keys: KafkaTableKeys,
    readonly context: TableContext,
  ) {
    this.caughtUp = new Promise((done) => {
      this.#resolveCaughtUp = done;
    });
    this.#writer = new TopicWriter(keys.name, () => this.#producer(), {
      written: (rows) => {
        context.count('published', rows);
        this.#calm('written');
      },
      lost: () => context.count('unpublished'),
      failed: (fault) => this.#tell('written', fault),
    });
  }

  async open(hear: (row: TableRow) => void): Promise<void> {
    // Made for its checks: what librdkafka does not know or take it says now.
    this.#made(() => [this.#consumer(), this.#producer()]);
    const { name, start_wait_ms } = this.keys;
    const reader = new TopicReader(name, () => this.#consumer(), {
      message: (message) => {
        this.#calm('read');
        hear(rowOf(message));
      },
      // Not before: a producer that asks for a topic makes brokers make it, as they like.
      found: () => {
        this.#calm('read');
        this.#writing ??= this.#writer.run(this.#stopWriting.signal);
      },
      reachedEnd: () => this.#caughtUp(),
      failed: (fault) => this.#tell('read', fault),
    });
    this.#late = setTimeout(() => {
      this.context.log.warn('the topic of the memory could not be read to its end in time; the language model is asked all the same', {
        topic: name,
        start_wait_ms,
      });
      this.#caughtUp();
    }, start_wait_ms).unref();
    this.#reading = reader.run(this.#stopReading.signal);
  }

  put(key: string, value: string): void {
    this.#writer.put(key, value);
  }

  drop(key: string): void {
    this.#writer.drop(key);
  }

  async check(signal: AbortSignal): Promise<void> {
    const consumer = this.#made(() => this.#consumer());
    try {
      await connected(consumer, CHECK_MS);
      signal.throwIfAborted();
      const { name } = this.keys;
      if ((await partitionsOf(consumer, name, CHECK_MS)) === 0) throw new KafkaFault(missingTopic(name));
    } finally {
      await disconnected(consumer);
    }
  }

  async close(): Promise<void> {
    this.#stopReading.abort();
    this.#caughtUp();
    this.#writer.finish();
    const late = setTimeout(() => this.#stopWriting.abort(), FINISH_MS);
    await this.#writing;
    clearTimeout(late);
    await this.#reading;
  }

  #caughtUp(): void {
    clearTimeout(this.#late);
    this.#resolveCaughtUp();
  }

  /** @throws TrilogError `KAFKA_UNUSABLE` for what librdkafka does not take, `KAFKA_MISSING` where it is not there. */
  #made<Made>(make: () => Made): Made {
    this.#library = kafkaLibrary(connectionFeatures(this.keys));
    try {
      return make();
    } catch (cause) {
      throw new TrilogError('KAFKA_UNUSABLE', `the topic of the memory: ${cause instanceof Error ? cause.message : String(cause)}`, {
        cause,
      });
    }
  }

  #consumer(): KafkaConsumer {
    const { global, topic } = readerProperties(this.keys, (path) => resolve(this.context.configDir, path));
    return new this.#loaded.KafkaConsumer({ ...global }, { ...topic });
  }

  #producer(): Producer {
    const { global, topic } = writerProperties(this.keys, (path) => resolve(this.context.configDir, path));
    return new this.#loaded.Producer({ ...global }, { ...topic });
  }

  get #loaded(): KafkaLibrary {
    if (this.#library === null) throw new Error('the table is not open');
    return this.#library;
  }

  #tell(side: Side, { kind, text }: Fault): void {
    if (kind === 'other') {
      this.context.log.debug('librdkafka says', { reason: text });
      return;
    }
    const absent = kind === 'unreachable' || kind === 'hangs_up';
    const told = this.#told.get(side);
    if (kind === told || (absent && told !== undefined)) return;
    this.#told.set(side, kind);
    const fields = { topic: this.keys.name, reason: text };
    if (absent) this.context.log.warn(`the topic of the memory cannot be ${side}; the agent goes on without, and tries again`, fields);
    else this.context.log.error(`the topic of the memory cannot be ${side} until this is put right; the agent goes on without`, fields);
  }

  #calm(side: Side): void {
    if (this.#told.delete(side)) this.context.log.info(`the topic of the memory is ${side} again`, { topic: this.keys.name });
  }
}

function rowOf({ key, value, partition }: Message): TableRow {
  return { key: key?.toString() ?? '', value, part: partition };
}

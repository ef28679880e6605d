import { resolve } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import type { KafkaConsumer, Message } from 'node-rdkafka';
import type { ComponentContext, Input, Lag } from '../../../src/plugin/contract.js';
import type { LineBlock, Source } from '../../../src/record/source.js';
import { connected, disconnected, faultOf, topicIsThere } from '../../kafka/connect.js';
import { connectionFeatures } from '../../kafka/connection.js';
import { Difficulties } from '../../kafka/difficulties.js';
import { type KafkaLibrary, kafkaLibrary } from '../../kafka/library.js';
import type { SplitProperties } from '../../kafka/properties.js';
import type { OffsetBooks, OffsetStore, TiedInput } from '../../kafka/tie.js';
import { type Fault, inWords } from '../../kafka/words.js';
import { BlockMaker } from './blocks.js';
import type { KafkaInputConfig } from './config.js';
import { instanceIdIn } from './instance-id.js';
import { messagesBehind } from './lag.js';
import { Member } from './member.js';
import { MessageBuffer } from './message-buffer.js';
import { nameOf, Partition } from './partition.js';
import { memberProperties } from './settings.js';
import { sourceId } from './source-id.js';
import { TiedCommits, TiedOffsets } from './tied-offsets.js';

/** Messages that become blocks at a time. */
const TAKE_BYTES = 524_288;
const CONNECT_MS = 5000;
const FIRST_RETRY_MS = 1000;
const LAST_RETRY_MS = 60_000;
const COMMIT_MS = 5000;
const SAYINGS = {
  absent: 'no broker can be reached; reading goes on when one can',
  missing: 'a topic is not there; it is read when it is made',
  refused: 'the brokers refuse this member of the group; it waits until this is put right',
  over: 'reading goes on',
};

/** Reads topics as a member of a consumer group; see the README for what it guarantees. */
export class KafkaInput implements Input, TiedInput {
  readonly #buffer: MessageBuffer;
  #blocks: BlockMaker;
  /** Partitions by the sources that were handed out of them. */
  readonly #partitionOf = new WeakMap<Source, Partition>();
  /** Partitions that were ever ours, by name. */
  readonly #had = new Set<string>();
  /** Blocks without lines, for sources that nothing will follow in. */
  #endings: LineBlock[] = [];
  #library: KafkaLibrary | null = null;
  #settings: SplitProperties | null = null;
  #member: Member | null = null;
  /** Where an output stores the offsets. */
  #tie: { readonly store: OffsetStore; readonly offsets: TiedOffsets } | null = null;
  #membership: Promise<void> = Promise.resolve();
  readonly #closing = new AbortController();
  readonly #difficulties: Difficulties;

  constructor(
    readonly config: KafkaInputConfig,
    readonly context: ComponentContext,
  ) {
    this.#buffer = new MessageBuffer(config.buffer_bytes);
    this.#difficulties = new Difficulties(context.log, SAYINGS);
    this.#blocks = this.#blockMaker(false);
  }

  async open(): Promise<void> {
    this.#library = kafkaLibrary(connectionFeatures(this.config));
    this.#settings = this.#properties(this.config);
    // Made for its checks: what librdkafka does not know or take it says now.
    this.#consumer();
  }

  /**
   * The membership becomes static: of a member without an instance id brokers take offsets in a transaction even when it has lost its partitions. And
   * lines are not joined, so that what is stored of a partition is always all that lies before an offset.
   */
  tieTo(store: OffsetStore): OffsetBooks {
    const { group, instance_id = instanceIdIn(this.context.dataDir) } = this.config;
    this.#settings = this.#properties({ ...this.config, instance_id });
    this.#blocks = this.#blockMaker(true);
    const offsets = new TiedOffsets({
      transactionalId: `trilog-${group}-${instance_id}`,
      member: () => this.#member,
      partitionOf: (source) => this.#partitionOf.get(source) ?? null,
      release: (partitions) => this.#release(partitions),
    });
    this.#tie = { store, offsets };
    return offsets;
  }

  async check(): Promise<void> {
    await this.#reach(this.config.topics.filter((name) => !name.startsWith('^')));
  }

  /** By way of a producer, which says why it cannot connect: a consumer says so only where it reads. @throws KafkaFault */
  async #reach(topics: readonly string[]): Promise<void> {
    const { library, settings } = this.#opened();
    const client = new library.Producer({ ...settings.global }, {});
    try {
      await connected(client, CONNECT_MS);
      for (const topic of topics) await topicIsThere(client, topic, CONNECT_MS);
    } finally {
      await disconnected(client);
    }
  }

  /** Why no broker can be reached, where that is not told yet. */
  async #reasonOf(fault: Fault): Promise<Fault> {
    if (fault.kind !== 'unreachable' || this.#difficulties.any || this.#closing.signal.aborted) return fault;
    try {
      await this.#reach([]);
      return fault;
    } catch (error) {
      return faultOf(error);
    }
  }

  async *read(signal: AbortSignal): AsyncIterable<LineBlock> {
    const wake = (): void => this.#buffer.wake();
    signal.addEventListener('abort', wake);
    this.#membership = this.#takePart();
    try {
      while (!signal.aborted) {
        yield* this.#endings.splice(0);
        const messages = this.#buffer.take(TAKE_BYTES).filter(({ partition }) => partition.flows);
        for (const { partition, block } of this.#blocks.make(messages)) {
          if (signal.aborted) return;
          // Meanwhile it may have been taken away.
          if (!partition.flows) continue;
          this.#partitionOf.set(block.source, partition);
          partition.yielded(block);
          yield block;
        }
        if (!this.#buffer.isEmpty || this.#endings.length > 0) continue;
        if (!this.config.follow && this.#member?.ended === true) return;
        await this.#buffer.something();
      }
    } finally {
      signal.removeEventListener('abort', wake);
    }
  }

  settled(source: Source, position: number): void {
    const partition = this.#partitionOf.get(source);
    if (partition === undefined || partition.state === 'gone') return;
    partition.settled(source, position);
    this.#member?.wake();
    this.#tie?.offsets.onSettled();
  }

  /** Null while it is no member of the group. */
  lag(): Lag | null {
    const member = this.#member;
    // While a client is being closed, a call on it would wait.
    if (member === null || member.isOver) return null;
    return { unit: 'messages', amount: messagesBehind(member.partitions, (topic, partition) => member.endOf(topic, partition)) };
  }

  async close(): Promise<void> {
    this.#closing.abort();
    await this.#member?.leave();
    await this.#membership;
  }

  /** Is a member for as long as the agent runs: what ends a membership, and brokers that cannot be reached, only make it begin again. */
  async #takePart(): Promise<void> {
    const { signal } = this.#closing;
    for (let pause = FIRST_RETRY_MS; !signal.aborted; pause = Math.min(2 * pause, LAST_RETRY_MS)) {
      const consumer = this.#consumer();
      const began = performance.now();
      let fault = inWords('');
      try {
        await connected(consumer, CONNECT_MS);
        if (!signal.aborted) {
          this.#member = this.#newMember(consumer);
          await this.#member.run();
        }
      } catch (error) {
        fault = await this.#reasonOf(faultOf(error));
      }
      // Members of one `instance_id` would put each other out all the time.
      if (performance.now() - began > LAST_RETRY_MS) pause = FIRST_RETRY_MS;
      if (signal.aborted) {
        if (this.#member === null) await disconnected(consumer);
        return;
      }
      this.context.count('reconnects');
      if (fault.kind === 'other')
        this.context.log.warn('not a member of the group; it is tried again', { reason: fault.text, in_ms: pause });
      else this.#difficulties.tell(fault);
      await this.#dropMember(consumer);
      await sleep(pause, undefined, { signal }).catch(() => {});
    }
  }

  async #dropMember(consumer: KafkaConsumer): Promise<void> {
    const member = this.#member;
    this.#member = null;
    if (member === null) return await disconnected(consumer);
    const partitions = [...member.partitions];
    for (const partition of partitions) partition.state = 'gone';
    this.#release(partitions);
    await member.leave();
  }

  #newMember(consumer: KafkaConsumer): Member {
    const { config, context } = this;
    const commitMs = Math.min(COMMIT_MS, config.session_timeout_ms / 3);
    return new Member(
      consumer,
      {
        assigned: (topic, partition) => this.#newPartition(topic, partition),
        leaving: (partitions) => this.#release(partitions),
        received: (messages, partitions) => this.#receive(messages, partitions),
        full: (paused) => {
          // Whoever reads to the end has to see that it is reached.
          if (!config.follow) this.#buffer.wake();
          return paused ? !this.#buffer.hasRoom : this.#buffer.isFull;
        },
        wanted: (waitMs) => this.#buffer.runningLow(waitMs),
        count: (name, by) => context.count(name, by),
        difficulty: (fault) => this.#difficulties.tell(fault),
        works: () => this.#difficulties.over(),
      },
      {
        topics: config.topics,
        commitIntervalMs: config.commit_interval_ms,
        drainMs: config.session_timeout_ms / 3,
        commitMs,
        commits: this.#tie === null ? null : new TiedCommits(this.#tie.store, commitMs),
        // One that was ours before has an offset, unless it was made anew: all that is in it is new.
        readFromEnd: (topic, partition) => config.read_from === 'end' && !this.#had.has(nameOf(topic, partition)),
        untilEnd: !config.follow,
        isStatic: config.instance_id !== undefined,
        log: context.log,
      },
    );
  }

  #newPartition(topic: string, partition: number): Partition {
    const { config, context } = this;
    this.#had.add(nameOf(topic, partition));
    const base: Source = {
      id: sourceId(config.cluster, topic, partition),
      input: context.name,
      name: nameOf(topic, partition),
      program: config.program ?? '',
      host: config.host ?? context.host,
      timezone: config.timezone,
      format: config.format,
    };
    return new Partition(topic, partition, base, config.max_open_keys);
  }

  #receive(messages: readonly Message[], partitions: ReadonlyMap<string, Partition>): void {
    for (const message of messages) {
      let partition = partitions.get(nameOf(message.topic, message.partition));
      const { offset } = message;
      // What came in the poll in which the partition was taken away, or while it waits to be read again.
      if (partition?.flows !== true) {
        partition?.receive(offset);
        continue;
      }
      if (offset >= partition.end) {
        partition.ended = true;
        continue;
      }
      if (offset <= partition.received) {
        // The topic was made anew, or what was asked for is gone from it: the books begin again.
        this.context.count('offset_resets');
        partition = this.#member?.replace(partition) ?? partition;
      }
      partition.receive(offset);
      if (offset + 1 >= partition.end) partition.ended = true;
      this.#buffer.add({ partition, message });
    }
  }

  /** Lets go of what waits of partitions, and of what their sources hold back. */
  #release(partitions: readonly Partition[]): void {
    this.#buffer.dropForeign();
    for (const partition of partitions) this.#endings.push(...partition.endings());
    this.#buffer.wake();
  }

  #blockMaker(apart: boolean): BlockMaker {
    const { format, timezone, codec, max_message_bytes: maxBytes, host_from_header: hostHeader = null } = this.config;
    const count = (name: string, by?: number): void => this.context.count(name, by);
    return new BlockMaker({ codec, maxBytes, hostHeader, apart, count }, { format, timezone, input: this.context.name });
  }

  #properties(config: KafkaInputConfig): SplitProperties {
    return memberProperties(config, (path) => resolve(this.context.configDir, path));
  }

  #opened(): { readonly library: KafkaLibrary; readonly settings: SplitProperties } {
    if (this.#library === null || this.#settings === null) throw new Error('the input is not open');
    return { library: this.#library, settings: this.#settings };
  }

  #consumer(): KafkaConsumer {
    const { library, settings } = this.#opened();
    const { global, topic } = settings;
    return new library.KafkaConsumer({ ...global, rebalance_cb: () => {}, offset_commit_cb: true }, { ...topic });
  }
}

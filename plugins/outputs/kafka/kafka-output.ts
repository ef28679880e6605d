import { TrilogError } from '../../../src/errors.js';
import type { ComponentContext, Output, Pace, Rejection } from '../../../src/plugin/contract.js';
import type { LogRecord } from '../../../src/record/record.js';
import { KafkaFault } from '../../kafka/connect.js';
import type { KafkaLibrary } from '../../kafka/library.js';
import type { SplitProperties } from '../../kafka/properties.js';
import type { Fault } from '../../kafka/words.js';
import { type Batch, bytesOf, groupsOf, halves, messageOf, openParts, outgoing, type Part } from './batch.js';
import type { BatchWriter } from './batch-writer.js';
import { ProducerLink } from './producer-link.js';
import { Round } from './round.js';
import { Turns } from './turns.js';
import { unlessAborted } from './unless-aborted.js';

/** Brokers that are down must not keep the agent from starting; `trilog check` asks for so long, too. */
const START_MS = 5000;
const CONNECT_MS = 10_000;
/** Writes under way at once: they are handed over together, and while they are waited for, the next ones are made. */
const PARALLEL = 8;
const FULL_BYTES = 1_048_576;
const CLOSED: Fault = { kind: 'other', text: 'the output is closed' };

/** What the output is made of. */
export interface KafkaOutputParts {
  /** @throws TrilogError `KAFKA_MISSING` */
  library(): KafkaLibrary;
  readonly properties: SplitProperties;
  readonly topics: readonly string[];
  readonly writer: BatchWriter;
}

/** Sends a message for every record, each acknowledged by all in-sync replicas. */
export class KafkaOutput implements Output<Batch> {
  readonly pace: Pace<Batch> = { parallel: PARALLEL, fullBytes: FULL_BYTES, waitMs: 0, sizeOf: ({ body }) => body.length };
  readonly #turns = new Turns();
  readonly #rounds = new Set<Round>();
  #link: Promise<ProducerLink> | null = null;
  /** Topics with less room than the producer fills a batch to. */
  #groupBytes = Number.POSITIVE_INFINITY;
  /** What was told last, so that it is not told again and again. */
  #told: Fault['kind'] | null = null;
  /** How often something was told. */
  #tellings = 0;

  constructor(
    readonly parts: KafkaOutputParts,
    readonly context: ComponentContext,
  ) {}

  /** Brokers that are down, and credentials that they refuse, are waited for by the writes; a topic that is missing ends the start. */
  async open(): Promise<void> {
    try {
      await this.#check(START_MS);
    } catch (error) {
      if (!(error instanceof KafkaFault) || error.fault.kind === 'topic_missing') throw error;
      this.#tell(error.fault);
    }
  }

  async check(signal: AbortSignal): Promise<void> {
    // Less than `signal` waits for: the reason comes with the end of the try.
    await unlessAborted(this.#check(START_MS), signal);
  }

  encode(records: readonly LogRecord[]): Batch {
    return this.parts.writer.batchOf(records);
  }

  /** Sends what of the batches is not settled. @throws while something can heal; what was settled by then is noted in the batches. */
  async write(batches: readonly Batch[], signal: AbortSignal): Promise<readonly Rejection[]> {
    const [first] = batches;
    if (first === undefined) return [];
    const turn = this.#turns.numberOf(first);
    await this.#turns.come(turn, signal);
    const handedOver = () => this.#turns.handedOver(turn);
    const groups = groupsOf(openParts(batches), this.#groupBytes);
    try {
      for (const [i, group] of groups.entries()) await this.#send(group, signal, i === groups.length - 1 ? handedOver : null);
    } catch (error) {
      // It is tried again, and those that have not begun wait for it.
      this.#turns.numberOf(first);
      throw error;
    }
    if (groups.length === 0) handedOver();
    return batches.flatMap(({ dead }) => dead);
  }

  async close(): Promise<void> {
    const link = await this.#link?.catch(() => null);
    this.#link = null;
    await link?.close();
  }

  /** @throws unless every message is settled. `handedOver` is called once those that follow may be handed over. */
  async #send(parts: readonly Part[], signal: AbortSignal, handedOver: (() => void) | null): Promise<void> {
    const link = await this.#connected(CONNECT_MS);
    const tellings = this.#tellings;
    const round = new Round();
    this.#rounds.add(round);
    try {
      await this.#handOver(link, round, parts, signal);
      // Those that follow may not overtake what could not be handed over.
      if (round.fault === null) handedOver?.();
      if (!(await unlessAborted(link.settled(), signal))) throw new KafkaFault(round.fault ?? CLOSED);
      const { refused, reason, fault } = round.settle();
      if (reason !== null) await this.#divide(refused, reason, signal);
      if (fault !== null) {
        this.#tell(fault);
        throw new KafkaFault(fault);
      }
      // What was sent before a difficulty may be stored after it.
      if (tellings === this.#tellings) this.#calm();
    } finally {
      this.#rounds.delete(round);
    }
  }

  async #handOver(link: ProducerLink, round: Round, parts: readonly Part[], signal: AbortSignal): Promise<void> {
    for (const { batch, indices } of parts) {
      await unlessAborted(link.ready(), signal);
      for (const index of indices) {
        const message = outgoing(batch, index);
        for (;;) {
          if (round.fault !== null) return;
          const fault = link.produce(message);
          if (fault === null) {
            round.handedOver(batch, index);
            break;
          }
          if (fault.kind === 'queue_full') {
            this.context.count('queue_full');
            if (!(await unlessAborted(link.settled(), signal))) return;
          } else if (fault.kind === 'too_large') {
            round.refuse(batch, index, fault);
            break;
          } else {
            round.failed(fault);
            return;
          }
        }
      }
    }
  }

  /** The broker refuses what the producer put together, so it may be but one message that is at fault: they are sent again in halves until it is alone. */
  async #divide(parts: readonly Part[], reason: Fault, signal: AbortSignal): Promise<void> {
    const two = halves(parts);
    if (two === null) {
      for (const { batch, indices } of parts) for (const index of indices) this.#bury(batch, index, reason.text);
      return;
    }
    this.context.count('divided_batches');
    // Never far below what one message has, since one alone is not divided.
    if (reason.kind === 'too_large') this.#groupBytes = Math.min(this.#groupBytes, Math.ceil(bytesOf(parts) / 2));
    this.context.log.warn('a batch was refused; it is sent again in halves', { reason: reason.text });
    for (const half of two) await this.#send(half, signal, null);
  }

  #bury(batch: Batch, index: number, reason: string): void {
    batch.dead.push({ document: this.parts.writer.letterOf(batch, index, messageOf(batch, index)), reason });
    batch.settled[index] = 1;
  }

  async #check(timeoutMs: number): Promise<void> {
    const link = await this.#connected(timeoutMs);
    await link.check(this.parts.topics, timeoutMs);
  }

  async #connected(timeoutMs: number): Promise<ProducerLink> {
    const opening = this.#link ?? this.#open(timeoutMs);
    this.#link = opening;
    try {
      return await opening;
    } catch (error) {
      if (this.#link === opening) this.#link = null;
      if (error instanceof KafkaFault) this.#tell(error.fault);
      throw error;
    }
  }

  async #open(timeoutMs: number): Promise<ProducerLink> {
    const library = this.parts.library();
    try {
      return await ProducerLink.open(library, this.parts.properties, timeoutMs, {
        failed: (value, fault) => this.#messageFailed(value, fault),
        said: (fault) => this.#tell(fault),
        broken: (fault) => this.#replace(fault),
      });
    } catch (error) {
      if (error instanceof KafkaFault) throw error;
      throw new TrilogError('KAFKA_UNUSABLE', `librdkafka: ${error instanceof Error ? error.message : String(error)}`, { cause: error });
    }
  }

  /** Of a write that was given up on, nobody asks. */
  #messageFailed(value: Buffer, fault: Fault): void {
    for (const round of this.#rounds) if (round.messageFailed(value, fault)) return;
  }

  /** The producer cannot go on: the next write makes another, and what is not known to be stored is sent again by it. */
  #replace(fault: Fault): void {
    this.context.count('producers_replaced');
    this.context.log.error('the producer cannot go on; another takes its place', { reason: fault.text });
    const link = this.#link;
    this.#link = null;
    for (const round of this.#rounds) round.failed(fault);
    void link?.then((old) => old.close()).catch(() => {});
  }

  #tell({ kind, text }: Fault): void {
    if (kind === 'other') {
      this.context.log.debug('librdkafka says', { reason: text });
      return;
    }
    const absent = kind === 'unreachable' || kind === 'hangs_up';
    if (kind === this.#told || (absent && this.#told !== null)) return;
    this.#told = kind;
    this.#tellings++;
    if (absent) this.context.log.warn('no broker can be reached; records wait', { reason: text });
    else this.context.log.error('the brokers refuse messages; they wait until this is put right', { reason: text });
  }

  #calm(): void {
    if (this.#told !== null) this.context.log.info('the brokers take messages again');
    this.#told = null;
  }
}

import { setImmediate, setTimeout as sleep } from 'node:timers/promises';
import type { KafkaConsumer, LibrdKafkaError, Message, TopicPartition } from 'node-rdkafka';
import type { ComponentLog } from '../../../src/plugin/contract.js';
import { disconnected, KafkaFault, listen } from '../../kafka/connect.js';
import { type Fault, inWords } from '../../kafka/words.js';
import { Assignment } from './assignment.js';
import { Commits, type PartitionCommits } from './commits.js';
import { Doubts, raisesDoubt } from './doubts.js';
import { nameOf, type Partition } from './partition.js';
import { ASK_MS, BEGINNING, committedOf, type Start, seek, seekToCommitted, startsOf } from './positions.js';

/** Codes of librdkafka that mean something here (https://docs.confluent.io/platform/current/clients/librdkafka/html/rdkafka_8h.html). */
const CODE = { assign: -175, revoke: -174, fatal: -150, maxPollExceeded: -147, timedOut: -185, eof: -191, fencedInstance: 82 } as const;

const MESSAGES_PER_POLL = 1000;
const IDLE_MS = 20;
/** The group waits so long for an answer to what it gave, in milliseconds, where it is not known where to begin. */
const FIRST_ASK_MS = 500;
const ASK_AGAIN_MS = 200;
/** So often it polls at least, for what is not messages. */
const LEAST_POLL_MS = 100;
/** The same complaint is not logged again within. */
const COMPLAIN_MS = 60_000;

/** What a member of the group tells whoever reads. */
export interface MemberEvents {
  /** Ours from now on. */
  assigned(topic: string, partition: number): Partition;
  /** It is being taken away: nothing of it may be handed out any more, and what was held back for more is to be let go. */
  leaving(partitions: readonly Partition[]): void;
  received(messages: readonly Message[], partitions: ReadonlyMap<string, Partition>): void;
  /** Whether messages should not come for now. Asked after each poll. */
  full(paused: boolean): boolean;
  /** Resolves when more messages are wanted, at the latest after so many milliseconds. */
  wanted(waitMs: number): Promise<void>;
  count(name: string, by?: number): void;
  /** Something keeps it from reading; it goes on by itself when that is over. */
  difficulty(fault: Fault): void;
  /** The group gave it partitions or took its offsets. */
  works(): void;
}

export interface MemberOptions {
  readonly topics: readonly string[];
  readonly commitIntervalMs: number;
  /** How long, at most, what is in the pipeline is waited for when a partition is taken away. */
  readonly drainMs: number;
  /** How long, at most, a commit is waited for. */
  readonly commitMs: number;
  /** Whether a partition that the group has read nothing of is begun at its end. */
  readFromEnd(topic: string, partition: number): boolean;
  /** Where the partitions end now is to be asked for. */
  readonly untilEnd: boolean;
  /** The group keeps its partitions for it over a restart. */
  readonly isStatic: boolean;
  readonly log: ComponentLog;
  /** How offsets get to the group; null: by the consumer itself. */
  readonly commits: PartitionCommits | null;
}

/**
 * One membership in the group, over one connected consumer. It polls by itself, so that the group keeps it whatever becomes of the messages, and
 * everything that changes the assignment happens between two polls, so that no message can come from an assignment before.
 */
export class Member {
  readonly #assignment: Assignment;
  readonly #between: (() => Promise<void>)[] = [];
  /** Changes of the assignment, one after the other. */
  #changes: Promise<void> = Promise.resolve();
  #changing = 0;
  #joined = false;
  /** Where waiting partitions begin is asked for again and again. */
  #isAsking = false;
  #over = false;
  #leaving = false;
  #fatal: Error | null = null;
  /** Of what ended it: the error itself says only that it is fatal, and the log says why. */
  #reason: Fault | null = null;
  readonly #commits: PartitionCommits;
  readonly #doubts: Doubts;
  readonly #complained = new Map<string, number>();
  #polling: Promise<void> = Promise.resolve();
  /** Told when something settles. */
  #settled: (() => void) | null = null;

  constructor(
    readonly consumer: KafkaConsumer,
    readonly events: MemberEvents,
    readonly options: MemberOptions,
  ) {
    const { commitIntervalMs: everyMs, commitMs: waitMs } = options;
    this.#assignment = new Assignment(consumer, (topic, partition) => events.assigned(topic, partition));
    this.#doubts = new Doubts({
      partitions: () => this.partitions,
      committed: (partitions) => committedOf(consumer, partitions),
      remade: (partitions, stale) => this.#remade(partitions, stale),
      over: () => this.#over,
    });
    const complain = (message: string, error: unknown): void => this.#complain('commit', message, error);
    this.#commits = options.commits ?? new Commits(consumer, { everyMs, waitMs }, (name) => events.count(name), complain);
  }

  get partitions(): Iterable<Partition> {
    return this.#assignment.partitions.values();
  }

  /** It polls no more. */
  get isOver(): boolean {
    return this.#over;
  }

  /** The end of a partition, as the last fetch from it said; null where nothing was fetched. Asks no broker. */
  endOf(topic: string, partition: number): number | null {
    try {
      const { highOffset } = this.consumer.getWatermarkOffsets(topic, partition);
      return highOffset < 0 ? null : highOffset;
    } catch {
      return null;
    }
  }

  /** Without `follow`: the group gave what it gives, and all of it was read. */
  get ended(): boolean {
    const { waiting } = this.#assignment;
    return this.#joined && this.#changing === 0 && waiting.length === 0 && [...this.partitions].every(({ ended }) => ended);
  }

  /** The offsets of a partition began again: its books do too. */
  replace(partition: Partition): Partition {
    partition.state = 'replaced';
    return this.#assignment.renew(partition);
  }

  /** Has what is gone, but still assigned, come again from where the group has come to. Where that cannot be done the membership ends, to begin again. */
  rewind(): Promise<void> {
    return this.#change(() =>
      this.#rewind().catch((error: unknown) => {
        this.#complain('rewind', 'partitions cannot be read again; the group is joined anew', error);
        this.#over = true;
      }),
    );
  }

  /** To be called on each settlement: who waits for it looks again. */
  wake(): void {
    this.#settled?.();
  }

  /** Joins, and polls until {@link leave}. @throws KafkaFault with what ends the membership for good: a fatal error of the client. */
  async run(): Promise<void> {
    const { consumer, options } = this;
    consumer.on('rebalance', (error, partitions) => this.#rebalance(error, partitions));
    consumer.on('offset.commit', (error, partitions) => {
      this.#commits.answered(error, partitions);
      if (error && raisesDoubt(error.code)) this.#doubts.raise();
      if (!error) this.events.works();
    });
    consumer.on('partition.eof', ({ topic, partition }) => {
      const own = this.#assignment.partitions.get(nameOf(topic, partition));
      if (own !== undefined) own.ended = true;
    });
    consumer.on('event.error', (error) => this.#failed(error));
    const deaf = listen(consumer, (text) => this.#listened(inWords(text)));
    consumer.setDefaultConsumeTimeout(0);
    consumer.subscribe([...options.topics]);
    this.#polling = this.#poll();
    await this.#polling;
    // What the library's own threads log comes a turn later.
    await setImmediate();
    deaf();
    if (this.#fatal !== null) throw new KafkaFault(this.#reason ?? inWords(this.#fatal.message), { cause: this.#fatal });
  }

  /** Commits, gives its partitions back and leaves the group, or keeps its place in it where that is static; never rejects. Bounded by what `options` say. */
  async leave(): Promise<void> {
    if (!this.#over) {
      await this.#commitNow(this.partitions);
      this.#leaving = true;
      if (this.options.isStatic) await this.#standDown();
      else await this.#unsubscribe();
    }
    this.#over = true;
    await this.#polling.catch(() => {});
    // A client must not be closed while a call on it is under way.
    await this.#changes;
    await this.#commits.released();
    await disconnected(this.consumer);
  }

  /** The group is left by way of a revocation that is over before the client is closed: closing with one under way is what crashes. */
  async #unsubscribe(): Promise<void> {
    const { drainMs, commitMs } = this.options;
    try {
      this.consumer.unsubscribe();
      await this.#until(() => this.#assignment.partitions.size === 0 && this.#changing === 0, drainMs + commitMs);
    } catch {
      // It is not connected.
    }
  }

  /** Unsubscribing would tell the group that it leaves. Without partitions, closing the client needs no revocation. */
  async #standDown(): Promise<void> {
    const { drainMs, commitMs } = this.options;
    await this.#until(() => this.#changing === 0, drainMs + commitMs);
    this.#over = true;
    await this.#polling.catch(() => {});
    this.#giveBack([...this.partitions]);
  }

  async #poll(): Promise<void> {
    try {
      while (!this.#over) {
        const messages = await this.#consume();
        this.#doubts.polled(performance.now());
        if (messages.length > 0) this.events.received(messages, this.#assignment.partitions);
        for (const act of this.#between.splice(0)) await act();
        this.#pauseOrResume();
        if (!this.#doubts.any) this.#commits.later(this.partitions);
        if (messages.length > 0) await setImmediate();
        else await sleep(IDLE_MS);
        if (this.#between.length === 0) await this.events.wanted(LEAST_POLL_MS);
      }
    } finally {
      this.#over = true;
    }
  }

  /** What is there, without waiting: a wait in the library would hold one of Node's few threads, and be begun anew by each message. */
  #consume(): Promise<readonly Message[]> {
    return new Promise((resolve) => {
      try {
        this.consumer.consume(MESSAGES_PER_POLL, (error, messages) => {
          if (error) this.#failed(error);
          resolve(messages ?? []);
        });
      } catch (error) {
        this.#failed(error);
        resolve([]);
      }
    });
  }

  #rebalance(error: LibrdKafkaError | undefined, given: readonly TopicPartition[]): void {
    if (this.#over) {
      // The client is being closed, and waits for this.
      if (error?.code === CODE.revoke) this.#giveBack(given);
      return;
    }
    const change = error?.code === CODE.assign ? () => this.#assign(given) : () => this.#revoke(given);
    void this.#change(change);
  }

  #change(change: () => Promise<void>): Promise<void> {
    this.#changing++;
    this.#changes = this.#changes
      .then(change)
      .catch((failure: unknown) => this.#complain('rebalance', 'a change of the assignment failed', failure))
      .finally(() => {
        this.#changing--;
        this.wake();
      });
    return this.#changes;
  }

  async #rewind(): Promise<void> {
    const gone = [...this.partitions].filter(({ state }) => state === 'gone');
    if (gone.length === 0 || this.#over) return;
    // A poll meanwhile would get the first of what comes again, and find nobody whose it is.
    await this.#betweenPolls(async () => {
      const starts = await seekToCommitted(this.consumer, gone);
      for (const partition of gone) {
        const next = this.#assignment.renew(partition);
        next.ended = partition.ended && (starts.get(partition) ?? next.end) >= next.end;
      }
    });
  }

  async #assign(given: readonly TopicPartition[]): Promise<void> {
    this.#assignment.give(given);
    const starts = await startsOf(this.consumer, given, this.options, FIRST_ASK_MS);
    // Until it is answered the group takes no other change: with nothing, where it is not known yet where to begin.
    await this.#begin(starts ?? []);
    if (starts === null && !this.#isAsking) void this.#beginLater(FIRST_ASK_MS);
  }

  /** Has those of the waiting begin where the group has come to. */
  async #begin(starts: readonly Start[]): Promise<void> {
    await this.#betweenPolls(() => {
      const { events, options } = this;
      this.#assignment.begin(starts);
      this.#joined = true;
      if (starts.length > 0) events.works();
      events.count('partitions_assigned', starts.length);
      options.log.info('partitions assigned', { partitions: starts.map(({ topic, partition }) => nameOf(topic, partition)) });
    });
  }

  /** Asks for each by itself: one whose offset is in a transaction that is not ended must not hold the others. */
  async #beginLater(withinMs: number): Promise<void> {
    this.#isAsking = true;
    await sleep(ASK_AGAIN_MS);
    await this.#change(async () => {
      const starts: Start[] = [];
      const deadline = performance.now() + ASK_MS;
      for (const one of this.#assignment.waiting) {
        if (this.#leaving || this.#over || this.#changing > 1 || performance.now() > deadline) break;
        const start = await startsOf(this.consumer, [one], this.options, withinMs);
        if (start === null) this.#assignment.putBehind(one);
        else starts.push(...start);
      }
      if (starts.length > 0) await this.#begin(starts);
    });
    this.#isAsking = this.#assignment.waiting.length > 0 && !this.#leaving && !this.#over;
    if (this.#isAsking) void this.#beginLater(Math.min(2 * withinMs, ASK_MS));
  }

  async #revoke(given: readonly TopicPartition[]): Promise<void> {
    const { events, options } = this;
    const partitions = this.#assignment.leave(given);
    events.leaving(partitions);
    // Who leaves has stopped: nothing more will settle.
    if (!this.#leaving) await this.#until(() => partitions.every(({ drained }) => drained), options.drainMs);
    const undrained = partitions.filter(({ drained }) => !drained).length;
    if (undrained > 0 && !this.#leaving) events.count('partitions_undrained', undrained);
    await this.#commitNow(partitions);
    await this.#betweenPolls(() => {
      this.#giveBack(given);
      events.count('partitions_revoked', given.length);
      options.log.info('partitions revoked', { partitions: given.map(({ topic, partition }) => nameOf(topic, partition)) });
    });
  }

  /** Commits what may be committed, and waits for the answer, within bounds. */
  async #commitNow(partitions: Iterable<Partition>): Promise<void> {
    await this.#doubts.settled(this.options.commitMs);
    if (!this.#doubts.any) await this.#commits.now(partitions);
  }

  /**
   * Their topic was deleted: what came of it says nothing of what may be committed, also what may still come. Of a new one, reading begins at the first
   * record, also after a restart.
   */
  #remade(partitions: readonly Partition[], stale: readonly Partition[]): void {
    if (stale.length > 0) this.#forget(stale);
    for (const partition of partitions) if (partition.state === 'leaving') partition.state = 'gone';
    const ours = partitions.filter(({ state }) => state === 'ours');
    for (const partition of ours) partition.state = 'replaced';
    void this.#betweenPolls(async () => {
      // One that was taken away meanwhile begins where it is assigned anew.
      const left = ours.filter((one) => this.#assignment.partitions.get(nameOf(one.topic, one.partition)) === one);
      await Promise.all(left.map((partition) => this.#seekBeginning(partition)));
      for (const partition of left) this.#assignment.renew(partition);
    });
  }

  /** Has the group begin these partitions at their first record. */
  #forget(partitions: readonly Partition[]): void {
    try {
      this.consumer.commit(partitions.map(({ topic, partition }) => ({ topic, partition, offset: 0 })));
    } catch (error) {
      this.#complain('forget', 'offsets of a topic that was deleted cannot be taken back', error);
    }
  }

  /** Resolves also where it cannot be done: of a topic that is not there, partitions are assigned when it comes again. */
  async #seekBeginning(partition: Partition): Promise<void> {
    try {
      await seek(this.consumer, partition, BEGINNING);
    } catch (error) {
      this.options.log.debug('a topic that is made anew is read from its assignment on', { error: String(error) });
    }
  }

  #giveBack(given: readonly TopicPartition[]): void {
    try {
      this.#assignment.giveBack(given);
    } catch (error) {
      this.#complain('unassign', 'partitions could not be given back', error);
    }
  }

  /** No poll is under way while it acts. */
  async #betweenPolls(act: () => void | Promise<void>): Promise<void> {
    if (this.#over) return;
    await new Promise<void>((resolve, reject) => {
      this.#between.push(async () => {
        try {
          await act();
          resolve();
        } catch (error) {
          reject(error);
        }
      });
    });
  }

  /** Resolves when it is so, or after the time. Looks whenever something settles. */
  async #until(so: () => boolean, ms: number): Promise<void> {
    const deadline = performance.now() + ms;
    while (!so() && !this.#over && performance.now() < deadline) {
      const woken = new AbortController();
      this.#settled = () => woken.abort();
      await sleep(Math.max(1, Math.min(100, deadline - performance.now())), undefined, { signal: woken.signal }).catch(() => {});
    }
    this.#settled = null;
  }

  #pauseOrResume(): void {
    const { isPaused } = this.#assignment;
    const full = this.events.full(isPaused);
    if (full === isPaused) return;
    try {
      this.#assignment.pause(full);
      if (full) this.events.count('pauses');
    } catch (error) {
      this.#complain('pause', 'partitions cannot be paused or resumed', error);
    }
  }

  #listened(fault: Fault): void {
    if (fault.kind === 'fenced' || (fault.kind === 'fatal' && this.#reason === null)) this.#reason = fault;
  }

  #failed(error: unknown): void {
    const { code, isFatal, message } = error as LibrdKafkaError;
    if (raisesDoubt(code)) this.#doubts.raise();
    if (code === CODE.timedOut || code === CODE.eof) return;
    this.events.count('errors');
    if (isFatal === true || code === CODE.fatal || code === CODE.fencedInstance) {
      this.#fatal = error instanceof Error ? error : new Error(message);
      this.#over = true;
      return;
    }
    const fault = inWords(message);
    if (fault.kind === 'other') this.#complain(`error ${code}`, 'Kafka has a difficulty; it goes on by itself when that is over', error);
    else this.events.difficulty(fault);
  }

  #complain(about: string, message: string, error: unknown): void {
    const now = performance.now();
    if (now - (this.#complained.get(about) ?? Number.NEGATIVE_INFINITY) < COMPLAIN_MS) return;
    this.#complained.set(about, now);
    this.options.log.warn(message, { error: error instanceof Error ? error.message : String(error) });
  }
}

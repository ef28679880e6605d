import { setTimeout as sleep } from 'node:timers/promises';
import type { ComponentLog } from '../../../src/plugin/contract.js';
import { KafkaFault } from '../../kafka/connect.js';
import type { TransactionalProducer } from './transactional-producer.js';

const FIRST_PAUSE_MS = 100;
const LAST_PAUSE_MS = 30_000;
const LOOK_MS = 100;

/** The one producer of an output: made when it is needed, and replaced where it cannot go on. One call at a time, since none may be under way on a producer that is closed. */
export class ProducerSupply {
  #producer: TransactionalProducer | null = null;
  #isBroken = false;

  constructor(
    /** @param broken to be called when the producer cannot go on */
    readonly make: (broken: (reason: string) => void) => Promise<TransactionalProducer>,
    /** Whether one may be made now. */
    readonly mayBe: () => boolean,
    readonly log: Pick<ComponentLog, 'warn' | 'error'>,
    readonly closing: AbortSignal,
  ) {}

  /** Null where there is none, or it cannot go on: the next one ends what it began. */
  get sound(): TransactionalProducer | null {
    return this.#isBroken ? null : this.#producer;
  }

  /** It cannot go on. It is closed when another one is needed. */
  break(): void {
    this.#isBroken = true;
  }

  /** Waits for as long as none can be made. @param failed told when this one cannot go on. @throws when the output is closed. */
  async get(failed: (reason: string) => void): Promise<TransactionalProducer> {
    for (let pause = FIRST_PAUSE_MS; ; pause = Math.min(2 * pause, LAST_PAUSE_MS)) {
      this.closing.throwIfAborted();
      if (this.#isBroken) await this.drop();
      if (this.#producer !== null) return this.#producer;
      if (!this.mayBe()) {
        await sleep(LOOK_MS, undefined, { signal: this.closing });
        pause = FIRST_PAUSE_MS;
        continue;
      }
      try {
        this.#producer = await this.#made(failed);
      } catch (error) {
        const reason = error instanceof Error ? error.message : String(error);
        const text = 'there is no producer for transactions yet; records wait';
        if (error instanceof KafkaFault) this.log.warn(text, { reason, in_ms: pause });
        else this.log.error(text, { reason, in_ms: pause });
        await sleep(pause, undefined, { signal: this.closing });
      }
    }
  }

  async drop(): Promise<void> {
    const producer = this.#producer;
    this.#producer = null;
    this.#isBroken = false;
    await producer?.close();
  }

  async #made(failed: (reason: string) => void): Promise<TransactionalProducer> {
    let made: TransactionalProducer | null = null;
    made = await this.make((reason) => {
      if (made === null || made !== this.#producer) return;
      this.#isBroken = true;
      failed(reason);
    });
    return made;
  }
}

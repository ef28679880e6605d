import type { Message } from 'node-rdkafka';
import type { Partition } from './partition.js';

/** A message and the partition that it came from while that was ours. */
export interface Received {
  readonly partition: Partition;
  readonly message: Message;
}

/** What a message takes beside key and value. */
const MESSAGE_BYTES = 256;

function bytesOf({ message }: Received): number {
  return message.size + (message.key?.length ?? 0) + MESSAGE_BYTES;
}

/** Enough to take from while more is fetched. */
const AHEAD_BYTES = 524_288;

/** Messages that came but were not asked for yet, in order. Bounded by whoever fills it: it says when it is full, and when there is room again. */
export class MessageBuffer {
  #waiting: Received[] = [];
  #first = 0;
  #bytes = 0;
  #wake: (() => void) | null = null;
  /** Told when there is little left. */
  #running: (() => void) | null = null;

  constructor(readonly maxBytes: number) {}

  get bytes(): number {
    return this.#bytes;
  }

  get isEmpty(): boolean {
    return this.#first === this.#waiting.length;
  }

  get isFull(): boolean {
    return this.#bytes >= this.maxBytes;
  }

  /** Half of it is free: enough to make fetching worth while. */
  get hasRoom(): boolean {
    return this.#bytes <= this.maxBytes / 2;
  }

  add(received: Received): void {
    this.#waiting.push(received);
    this.#bytes += bytesOf(received);
    this.wake();
  }

  /** The next messages, about as many bytes. */
  take(bytes: number): Received[] {
    const taken: Received[] = [];
    for (let left = bytes; left > 0 && this.#first < this.#waiting.length; this.#first++) {
      const next = this.#waiting[this.#first];
      if (next === undefined) break;
      const size = bytesOf(next);
      left -= size;
      this.#bytes -= size;
      taken.push(next);
    }
    if (this.#first > this.#waiting.length / 2) {
      this.#waiting = this.#waiting.slice(this.#first);
      this.#first = 0;
    }
    if (this.#bytes < AHEAD_BYTES) this.#running?.();
    return taken;
  }

  /**
   * Resolves when what waits is soon used up, or after the time. Messages that wait long are dear, since the collector moves them; in the library they
   * cost nothing.
   */
  async runningLow(waitMs: number): Promise<void> {
    if (this.#bytes < AHEAD_BYTES) return;
    await new Promise<void>((resolve) => {
      const late = setTimeout(resolve, waitMs);
      this.#running = () => {
        clearTimeout(late);
        resolve();
      };
    });
    this.#running = null;
  }

  /** Forgets what came from partitions that are not ours any more. */
  dropForeign(): void {
    this.#waiting = this.#waiting.slice(this.#first).filter(({ partition }) => partition.flows);
    this.#first = 0;
    this.#bytes = 0;
    for (const received of this.#waiting) this.#bytes += bytesOf(received);
    if (this.#bytes < AHEAD_BYTES) this.#running?.();
  }

  /** Resolves when something may be there; one waits at a time. */
  async something(): Promise<void> {
    if (!this.isEmpty) return;
    await new Promise<void>((resolve) => {
      this.#wake = resolve;
    });
  }

  wake(): void {
    this.#wake?.();
    this.#wake = null;
  }
}

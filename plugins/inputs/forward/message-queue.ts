import type { Frame } from '../../forward/frame.js';
import type { ChunkReceipt } from './receipts.js';

/** A message that waits for the pipeline. */
export interface Queued {
  readonly frame: Frame;
  /** Null where nobody is to be told. */
  readonly receipt: ChunkReceipt | null;
  /** Of the connection that it came by. */
  readonly connection: Buffer;
  /** Told where it cannot be read. */
  refuse(reason: string): void;
}

/** What a message takes beside its bytes. */
const AROUND = 1024;

/** Messages that were received and not read yet. Senders wait for room, the pipeline for messages. */
export class MessageQueue {
  #messages: Queued[] = [];
  #taken = 0;
  #bytes = 0;
  #stopped = false;
  readonly #forRoom: (() => void)[] = [];
  #forSomething: (() => void) | null = null;

  constructor(readonly maxBytes: number) {}

  get isEmpty(): boolean {
    return this.#taken === this.#messages.length;
  }

  add(message: Queued): void {
    this.#messages.push(message);
    this.#bytes += sizeOf(message);
    this.wake();
  }

  /** The next; undefined where there is none. */
  take(): Queued | undefined {
    const message = this.#messages[this.#taken];
    if (message === undefined) return undefined;
    this.#taken++;
    this.#bytes -= sizeOf(message);
    if (this.#taken === this.#messages.length || this.#taken > 4096) {
      this.#messages = this.#messages.slice(this.#taken);
      this.#taken = 0;
    }
    if (this.#hasRoom) for (const go of this.#forRoom.splice(0)) go();
    return message;
  }

  /** Resolves when there is room, or nothing more is awaited. */
  async room(): Promise<void> {
    while (!this.#hasRoom) await new Promise<void>((go) => this.#forRoom.push(go));
  }

  /** Resolves when there is something, or somebody wakes it. */
  async something(): Promise<void> {
    if (!this.isEmpty) return;
    await new Promise<void>((go) => {
      this.#forSomething = go;
    });
  }

  wake(): void {
    this.#forSomething?.();
    this.#forSomething = null;
  }

  /** Nobody waits any more. */
  stop(): void {
    this.#stopped = true;
    for (const go of this.#forRoom.splice(0)) go();
    this.wake();
  }

  get #hasRoom(): boolean {
    return this.#stopped || this.#bytes < this.maxBytes;
  }
}

function sizeOf({ frame }: Queued): number {
  return frame.entries.length + AROUND;
}

import { once } from 'node:events';
import { Worker } from 'node:worker_threads';
import type { Change, LmdbPlace } from './lmdb.js';

/** Changes that are written together, unless more are given at once: what a kill can take back is no more. */
const TOGETHER = 100;

interface Batch {
  readonly changes: Change[];
  readonly written: Promise<void>;
  /** @param reason why it was not; null where it was */
  end(reason: string | null): void;
}

/**
 * Writes to a store in a thread of its own, which is begun when it is needed. LMDB's package can write in the background by itself; but there a write that
 * fails, as on a full disk, rejects promises that nobody can reach, and damages the heap (lmdb 3.5.6). A synchronous transaction only throws.
 */
export class StoreWriter {
  #thread: Worker | null = null;
  readonly #waiting: Batch[] = [];
  #underWay: Batch | null = null;
  #closed = false;

  constructor(readonly place: LmdbPlace) {}

  /** Resolves when all are on the disk; what comes while others are written is written together. @throws with the reason where none of them is. */
  write(changes: Iterable<Change>): Promise<void> {
    let batch = this.#waiting.at(-1);
    if (batch === undefined || batch.changes.length >= TOGETHER) {
      batch = newBatch();
      // What is written one by one within a turn goes together.
      if (this.#waiting.push(batch) === 1) setImmediate(() => this.#send());
    }
    for (const change of changes) batch.changes.push(change);
    return batch.written;
  }

  /** Resolves when all that was given to it is written, and the thread has ended. */
  async close(): Promise<void> {
    this.#closed = true;
    for (let last = this.#last; last !== null; last = this.#last) await last.written.catch(() => {});
    const thread = this.#thread;
    if (thread === null) return;
    this.#thread = null;
    thread.ref();
    const exit = once(thread, 'exit');
    thread.postMessage(null);
    await exit;
  }

  /** Of those that are not written, the last. */
  get #last(): Batch | null {
    return this.#waiting.at(-1) ?? this.#underWay;
  }

  #send(): void {
    if (this.#underWay !== null) return;
    this.#underWay = this.#waiting.shift() ?? null;
    if (this.#underWay === null) return;
    this.#thread ??= this.#start();
    // The process lives for as long as something is written.
    this.#thread.ref();
    this.#thread.postMessage(this.#underWay.changes);
  }

  #start(): Worker {
    const thread = new Worker(new URL('./store-thread.js', import.meta.url), { workerData: this.place, name: 'trilog-memory' });
    let reason = 'its thread ended';
    thread.on('message', (answer: string | null) => this.#answered(answer));
    thread.on('error', (error) => {
      reason = error instanceof Error ? error.message : String(error);
    });
    thread.once('exit', () => {
      if (this.#thread !== thread) return;
      this.#thread = null;
      if (this.#underWay !== null) this.#answered(reason);
    });
    return thread;
  }

  #answered(reason: string | null): void {
    const batch = this.#underWay;
    this.#underWay = null;
    if (!this.#closed) this.#thread?.unref();
    batch?.end(reason);
    this.#send();
  }
}

function newBatch(): Batch {
  let end: Batch['end'] = () => {};
  const written = new Promise<void>((resolve, reject) => {
    end = (reason) => (reason === null ? resolve() : reject(new Error(reason)));
  });
  return { changes: [], written, end };
}

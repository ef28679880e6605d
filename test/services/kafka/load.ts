import { readFileSync } from 'node:fs';
import { setTimeout as delay } from 'node:timers/promises';
import type { ExecutionContext } from 'ava';
import { type Letter, Producing } from '../../plugins/inputs/kafka/producer.js';

export interface LoadOptions {
  readonly topic: string;
  readonly partitions: number;
  /** Records that are written at a time, and how long after they are acknowledged the next ones follow, in milliseconds. */
  readonly records: number;
  readonly everyMs: number;
  /** How long a line is at least, in characters. */
  readonly length?: number;
}

/** Numbered lines are written without end, until {@link stop}. */
export class Load {
  /** The number of the next line; all before it are written, or will be before {@link stop} resolves. */
  next = 0;
  #over = false;
  readonly #written: Promise<void>;

  private constructor(
    readonly producing: Producing,
    readonly options: LoadOptions,
  ) {
    this.#written = this.#write();
    // It is told by `stop`.
    this.#written.catch(() => {});
  }

  static async start(t: ExecutionContext, bootstrap: string, options: LoadOptions): Promise<Load> {
    return new Load(await Producing.start(t, bootstrap), options);
  }

  /** Resolves with how many there are, each acknowledged. */
  async stop(): Promise<number> {
    this.#over = true;
    await this.#written;
    return this.next;
  }

  async #write(): Promise<void> {
    const { topic, records, everyMs } = this.options;
    while (!this.#over) {
      const letters = Array.from({ length: records }, () => this.#letter(this.next++));
      await this.producing.produce(topic, letters);
      await delay(everyMs);
    }
  }

  #letter(number: number): Letter {
    const { partitions, length = 0 } = this.options;
    const line = `2026-03-02 10:11:12.123 7 INFO nova.compute.manager [-] number ${number}`;
    const value = line.length < length ? `${line} `.padEnd(length, 'x') : line;
    return { partition: number % partitions, key: `compute-${number % 7}`, value };
  }
}

/** What of a process is in memory, in bytes. */
export function residentOf(pid: number): number {
  const kilobytes = /^VmRSS:\s+(\d+) kB$/m.exec(readFileSync(`/proc/${pid}/status`, 'utf8'))?.[1];
  return Number(kilobytes) * 1024;
}

/** Looks at a process for so long. @returns the most that was in memory, in bytes. */
export async function peakWithin(ms: number, pid: number): Promise<number> {
  let peak = 0;
  for (const end = performance.now() + ms; performance.now() < end; await delay(100)) peak = Math.max(peak, residentOf(pid));
  return peak;
}

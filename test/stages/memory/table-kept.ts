import type { SharedTable, TableRow } from '../../../src/plugin/shared-table.js';

/** What several tables of a test share, as a topic is: all that was ever written, in order. */
export class TopicKept {
  readonly rows: TableRow[] = [];
  readonly #readers = new Set<(row: TableRow) => void>();

  write(key: string, value: string | null, part = 0): void {
    const row = { key, value: value === null ? null : Buffer.from(value), part };
    this.rows.push(row);
    for (const hear of this.#readers) hear(row);
  }

  read(hear: (row: TableRow) => void): () => void {
    for (const row of this.rows) hear(row);
    this.#readers.add(hear);
    return () => void this.#readers.delete(hear);
  }
}

/** A table in memory; it writes and reads at once, unless the test holds it back. */
export class TableKept implements SharedTable {
  readonly caughtUp: Promise<void>;
  /** What waits to be written; null where everything is written at once. */
  waiting: Map<string, string> | null = null;
  #release: () => void = () => {};
  #hear: (row: TableRow) => void = () => {};
  #stop: () => void = () => {};

  constructor(
    readonly topic: TopicKept,
    /** Whether nothing is read before {@link catchUp}. */
    readonly held = false,
  ) {
    this.caughtUp = new Promise((resolve) => {
      this.#release = resolve;
    });
  }

  async open(hear: (row: TableRow) => void): Promise<void> {
    this.#hear = hear;
    if (!this.held) this.catchUp();
  }

  catchUp(): void {
    this.#stop = this.topic.read(this.#hear);
    this.#release();
  }

  put(key: string, value: string): void {
    if (this.waiting === null) this.topic.write(key, value);
    else this.waiting.set(key, value);
  }

  drop(key: string): void {
    this.waiting?.delete(key);
  }

  async check(): Promise<void> {}

  async close(): Promise<void> {
    this.#stop();
    this.#release();
  }
}

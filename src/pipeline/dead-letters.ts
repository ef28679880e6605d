import { type FileHandle, open } from 'node:fs/promises';
import { EcsEncoder } from '../record/profiles/ecs.js';
import type { LogRecord } from '../record/record.js';

/** A record that an output will never take. */
export interface DeadLetter {
  readonly record: LogRecord;
  readonly output: string;
  readonly reason: string;
}

/** The last place for a record: a file of NDJSON, one `{time, output, reason, record}` a line, on disk before {@link store} resolves. */
export class DeadLetterFile {
  readonly #encoder = new EcsEncoder();
  #handle: FileHandle | null = null;

  constructor(
    readonly path: string,
    readonly now: () => number = Date.now,
  ) {}

  async store(letters: readonly DeadLetter[]): Promise<void> {
    this.#handle ??= await open(this.path, 'a', 0o640);
    const time = JSON.stringify(new Date(this.now()).toISOString());
    const text = letters.map(({ record, output, reason }) => {
      return `{"time":${time},"output":${JSON.stringify(output)},"reason":${JSON.stringify(reason)},"record":${this.#encoder.encode(record)}}\n`;
    });
    await this.#handle.appendFile(text.join(''));
    await this.#handle.datasync();
  }

  async close(): Promise<void> {
    await this.#handle?.close();
    this.#handle = null;
  }
}

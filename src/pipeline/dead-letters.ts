import { type FileHandle, open } from 'node:fs/promises';

/** A record that an output will never take. */
export interface DeadLetter {
  /** The record as JSON in the ECS profile. */
  readonly document: string;
  readonly output: string;
  readonly reason: string;
}

/** The last place for a record: a file of NDJSON, one `{time, output, reason, record}` a line, on disk before {@link store} resolves. */
export class DeadLetterFile {
  #handle: FileHandle | null = null;

  constructor(
    readonly path: string,
    readonly now: () => number = Date.now,
  ) {}

  async store(letters: readonly DeadLetter[]): Promise<void> {
    this.#handle ??= await open(this.path, 'a', 0o640);
    const time = JSON.stringify(new Date(this.now()).toISOString());
    const text = letters.map(({ document, output, reason }) => {
      return `{"time":${time},"output":${JSON.stringify(output)},"reason":${JSON.stringify(reason)},"record":${document}}\n`;
    });
    await this.#handle.appendFile(text.join(''));
    await this.#handle.datasync();
  }

  async close(): Promise<void> {
    await this.#handle?.close();
    this.#handle = null;
  }
}

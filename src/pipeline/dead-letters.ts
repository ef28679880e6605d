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
  /** Several writes may store at a time: long texts are written in pieces, and what one takes back after a fault must not be another's. */
  #turn: Promise<void> = Promise.resolve();

  constructor(
    readonly path: string,
    readonly now: () => number = Date.now,
  ) {}

  store(letters: readonly DeadLetter[]): Promise<void> {
    const done = this.#turn.then(() => this.#store(letters));
    this.#turn = done.catch(() => {});
    return done;
  }

  async #store(letters: readonly DeadLetter[]): Promise<void> {
    const handle = this.#handle ?? (await this.#open());
    const time = JSON.stringify(new Date(this.now()).toISOString());
    const text = letters.map(({ document, output, reason }) => {
      return `{"time":${time},"output":${JSON.stringify(output)},"reason":${JSON.stringify(reason)},"record":${document}}\n`;
    });
    const { size } = await handle.stat();
    try {
      await handle.appendFile(text.join(''));
      await handle.datasync();
    } catch (error) {
      // What a full disk has taken goes, so that the next try is not glued to half a letter.
      await handle.truncate(size).catch(() => {});
      throw error;
    }
  }

  async #open(): Promise<FileHandle> {
    const handle = await open(this.path, 'a+', 0o640);
    this.#handle = handle;
    const { size } = await handle.stat();
    const { buffer } = await handle.read(Buffer.alloc(1), 0, 1, Math.max(0, size - 1));
    // A crash has torn the last letter: it was not stored, and comes again.
    if (size > 0 && buffer[0] !== 10) await handle.appendFile('\n');
    return handle;
  }

  async close(): Promise<void> {
    await this.#turn;
    await this.#handle?.close();
    this.#handle = null;
  }
}

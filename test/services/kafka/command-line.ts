import { createInterface } from 'node:readline';
import type { Readable, Writable } from 'node:stream';

const ANSWER = /^answer (\d+) (ok|error) (.*)$/;
const STARTED = 'started ';
const ANSWER_MS = 90_000;

interface Asked {
  readonly resolve: (answer: unknown) => void;
  readonly reject: (error: Error) => void;
  readonly late: NodeJS.Timeout;
}

/** The commands that `KafkaNode.java` takes on its standard input, and its answers on its standard output. */
export class CommandLine {
  readonly #asked = new Map<string, Asked>();
  #last = 0;
  #over = false;
  readonly #started: Promise<string | null>;

  constructor(
    private readonly input: Writable,
    output: Readable,
  ) {
    this.#started = new Promise((resolve) => {
      const lines = createInterface({ input: output });
      lines.on('line', (line) => {
        if (line.startsWith(STARTED)) resolve(line.slice(STARTED.length));
        else this.#answered(line);
      });
      lines.on('close', () => {
        resolve(null);
        this.#over = true;
        for (const id of this.#asked.keys()) this.#settle(id)?.reject(new Error('the broker has ended'));
      });
    });
  }

  /** Of the broker, when it serves; null where it ends before. */
  get started(): Promise<string | null> {
    return this.#started;
  }

  /** @throws with what the broker says, or that it has ended, or that it does not answer. */
  ask(command: string, ...fields: readonly string[]): Promise<unknown> {
    if (this.#over) return Promise.reject(new Error('the broker has ended'));
    const id = String(++this.#last);
    return new Promise((resolve, reject) => {
      const late = setTimeout(() => this.#settle(id)?.reject(new Error(`the broker did not answer to ${command}`)), ANSWER_MS);
      this.#asked.set(id, { resolve, reject, late });
      this.input.write(`${[id, command, ...fields].map(inOneField).join('\t')}\n`);
    });
  }

  #answered(line: string): void {
    const [, id = '', how, text = ''] = ANSWER.exec(line) ?? [];
    const asked = this.#settle(id);
    if (how === 'ok') asked?.resolve(JSON.parse(text));
    else asked?.reject(new Error(text));
  }

  #settle(id: string): Asked | undefined {
    const asked = this.#asked.get(id);
    this.#asked.delete(id);
    clearTimeout(asked?.late);
    return asked;
  }
}

/** Line ends, as in the PEM of a setting, are written `\n`. */
function inOneField(text: string): string {
  return text.replaceAll('\n', '\\n').replaceAll('\t', ' ');
}

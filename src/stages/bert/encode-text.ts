import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { Tokenizer } from '@huggingface/tokenizers';

/** A word piece is seldom longer; more text than this cannot fit into the model's window, and is not worth reading. */
const CHARS_PER_TOKEN = 16;

/** Text to token ids, at most so many. */
export class TextEncoder {
  readonly #tokenizer: Tokenizer;

  constructor(
    folder: string,
    readonly maxTokens: number,
  ) {
    const read = (name: string): object => JSON.parse(readFileSync(join(folder, name), 'utf8')) as object;
    this.#tokenizer = new Tokenizer(read('tokenizer.json'), read('tokenizer_config.json'));
  }

  /** The highest token id that a text can have. */
  get highestId(): number {
    let highest = 0;
    for (const id of this.#tokenizer.get_vocab().values()) highest = Math.max(highest, id);
    return highest;
  }

  /** What is too long is cut before the last token, which closes the sequence. */
  encode(text: string): readonly number[] {
    const { ids } = this.#tokenizer.encode(text.slice(0, this.maxTokens * CHARS_PER_TOKEN));
    if (ids.length <= this.maxTokens) return ids;
    return [...ids.slice(0, this.maxTokens - 1), ids.at(-1) ?? 0];
  }
}

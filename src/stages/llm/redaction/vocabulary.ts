import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { TrilogError } from '../../../errors.js';
import { MODELS_DIR } from '../../../paths.js';

/** The words that come with trilog; models/llm/vocabulary.ts makes the file. */
const VOCABULARY_FILE = join(MODELS_DIR, 'llm', 'vocabulary.txt');

/** The words that log statements are made of. A word that is not among them may be a name or a secret. */
export class Vocabulary {
  readonly #words: ReadonlySet<string>;

  /** @param words in lower case; letters, and digits inside of names of kinds (`ipv4`). */
  constructor(words: Iterable<string>) {
    this.#words = new Set(words);
  }

  /**
   * Reads a file of one word a line; lines that begin with `#` are comments.
   * @throws TrilogError `VOCABULARY_INVALID` where it cannot be read, holds no word, or something that is none.
   */
  static load(file = VOCABULARY_FILE): Vocabulary {
    let text: string;
    try {
      text = readFileSync(file, 'utf8');
    } catch (error) {
      throw new TrilogError('VOCABULARY_INVALID', `${file}: ${error instanceof Error ? error.message : String(error)}`, { cause: error });
    }
    const words = text.split(/\r?\n/).filter((line) => line !== '' && !line.startsWith('#'));
    const odd = words.find((word) => !/^[a-z0-9]{2,}$/.test(word));
    if (odd !== undefined) throw new TrilogError('VOCABULARY_INVALID', `${file}: not a word: ${JSON.stringify(odd)}`);
    if (words.length === 0) throw new TrilogError('VOCABULARY_INVALID', `${file} holds no word`);
    return new Vocabulary(words);
  }

  /** Whether statements say this word, which is in lower case. */
  has(word: string): boolean {
    return this.#words.has(word);
  }
}

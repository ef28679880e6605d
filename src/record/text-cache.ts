import { detached } from './detached.js';
import { standsAt } from './text-at.js';

/** Characters that decide on the place: enough to tell uuids and dotted names apart. */
const SAMPLES = 8;

/**
 * What was made of texts that occur again and again in lines (loggers, users), found without cutting them out of the line.
 *
 * Each text has two places, which it may lose to others: what log text brings can neither fill the memory nor slow a look-up down. Values and
 * texts do not keep their lines in memory.
 */
export class TextCache<T> {
  readonly #mask: number;
  readonly #texts: string[];
  readonly #values: T[];

  /**
   * @param places a power of two
   * @param longest what is longer is made anew each time
   * @param make gets the text in memory of its own
   */
  constructor(
    places: number,
    readonly longest: number,
    readonly make: (text: string) => T,
  ) {
    this.#mask = places - 1;
    this.#texts = new Array<string>(places).fill('');
    this.#values = new Array<T>(places).fill(make(''));
  }

  /** What was made of the text in `line` from `at` to `end`. */
  get(line: string, at: number, end: number): T {
    const length = end - at;
    let hash = length;
    for (let i = 0; i < SAMPLES; i++) hash = Math.imul(hash, 31) + line.charCodeAt(at + ((length * i) >> 3));
    const place = (hash ^ (hash >>> 10)) & this.#mask;
    if (this.#holds(place, line, at, length)) return this.#values[place] as T;
    if (this.#holds(place ^ 1, line, at, length)) return this.#values[place ^ 1] as T;
    const text = detached(line.slice(at, end));
    const value = this.make(text);
    if (length <= this.longest) this.#keep(place, text, value);
    return value;
  }

  #holds(place: number, line: string, at: number, length: number): boolean {
    const text = this.#texts[place] as string;
    return text.length === length && standsAt(line, text, at);
  }

  /** The newest takes the first place, and what was there the second. */
  #keep(place: number, text: string, value: T): void {
    this.#texts[place ^ 1] = this.#texts[place] as string;
    this.#values[place ^ 1] = this.#values[place] as T;
    this.#texts[place] = text;
    this.#values[place] = value;
  }
}

import { join } from 'node:path';
import type { AgentConfig } from '../config/load.js';
import { TrilogError } from '../errors.js';
import { REPLAYED_NAME } from '../pipeline/dead-letter-files.js';
import { harmless } from '../record/profiles/pretty.js';
import { Batches } from './batches.js';
import { type Choice, compileChoice, maskReason } from './choice.js';
import type { Letter } from './letter.js';
import { filesOf, type LetterFile, namedFiles, readLetters } from './letter-files.js';
import { type Emptied, removeDone } from './removal.js';
import { Replayed } from './replayed.js';
import type { Sending } from './sending.js';
import { type Survey, survey } from './survey.js';

export interface ReplayRequest extends Choice {
  /** All of the `data_dir` where there are none. */
  readonly files: readonly string[];
  /** The output to which all go in place of those that refused them. */
  readonly to: string | null;
  /** Also those that were brought to their output before. */
  readonly again: boolean;
  readonly remove: boolean;
}

export interface ReplayEvents {
  /** So many more bytes have been looked at. */
  surveyed(bytes: number): void;
  /** So many more letters have been written, or refused. */
  sent(letters: number): void;
  /** What was sent cannot be remembered; a repeat would send it again. */
  unremembered(error: unknown): void;
}

/** What has been done so far. */
export interface ReplayTally {
  /** Letters that are stored, by the output to which they went. */
  readonly stored: Map<string, number>;
  /** Letters that were refused again, by the reason without its values. */
  readonly refused: Map<string, number>;
  /** Letters that were written together with a refused one, by an output that does not say which one that is. */
  unclear: number;
  /** Files. */
  removed: number;
}

/** What a run leaves of a file. */
interface Outcome extends Emptied {
  readonly keys: readonly string[];
}

/** One run of `trilog replay`: first all files are looked at, then what is chosen is sent. Nothing is sent where something stands against it. */
export class Replay {
  readonly tally: ReplayTally = { stored: new Map(), refused: new Map(), unclear: 0, removed: 0 };
  #replayed: Replayed | null = null;

  private constructor(
    readonly config: AgentConfig,
    readonly request: ReplayRequest,
    readonly events: ReplayEvents,
    readonly files: readonly LetterFile[],
    readonly signal: AbortSignal,
  ) {}

  /** Finds the files; what is added to them later is left alone. @throws TrilogError `INPUT_UNREADABLE` */
  static async begin(config: AgentConfig, request: ReplayRequest, events: ReplayEvents, signal: AbortSignal): Promise<Replay> {
    const files = request.files.length === 0 ? await filesOf(config.dataDir) : await namedFiles(request.files, config.dataDir);
    return new Replay(config, request, events, files, signal);
  }

  /** Looks at all letters. @throws TrilogError `DEAD_LETTERS_UNSENDABLE` where some are for an output that is not configured. */
  async survey(): Promise<Survey> {
    const replayed = await this.#known();
    const { again, to } = this.request;
    const isReplayed = ({ key }: Letter): boolean => !again && replayed.has(key);
    const found = await survey(this.files, compileChoice(this.request), isReplayed, (bytes) => this.events.surveyed(bytes), this.signal);
    const configured = new Set(this.config.outputs.map(({ name }) => name));
    const unknown = to === null ? [...found.waiting].filter(([name]) => !configured.has(name)) : [];
    if (unknown.length > 0) {
      const names = unknown.map(([name, letters]) => `${harmless(name)} (${letters})`);
      throw new TrilogError(
        'DEAD_LETTERS_UNSENDABLE',
        `dead letters for ${names.slice(0, 20).join(', ')}; there are ${[...configured].join(', ')}`,
      );
    }
    return found;
  }

  /**
   * Sends what {@link survey} has found, and remembers after each write what has been sent; then removes what is to be removed.
   * @param sendings by the name of the output
   * @param held whether this process holds the `data_dir`
   * @throws the signal's reason; TrilogError `PLUGIN_BROKEN`
   */
  async send(sendings: ReadonlyMap<string, Sending>, held: boolean): Promise<void> {
    const outcomes: Outcome[] = [];
    for (const file of this.files) outcomes.push(await this.#sendFile(file, sendings));
    const removed = this.request.remove ? await removeDone(outcomes, this.config.dataDir, held) : new Set<string>();
    this.tally.removed = removed.size;
    // Only a run over everything knows whose letters are gone.
    if (this.request.files.length > 0) return;
    const present = outcomes.filter(({ file }) => !removed.has(file.path)).flatMap(({ keys }) => keys);
    await (await this.#known()).keep(new Set(present)).catch((error: unknown) => this.events.unremembered(error));
  }

  async #sendFile(file: LetterFile, sendings: ReadonlyMap<string, Sending>): Promise<Outcome> {
    const { again, to } = this.request;
    const replayed = await this.#known();
    const isChosen = compileChoice(this.request);
    const batches = new Batches(this.config.pipeline.max_write_bytes);
    const keys: string[] = [];
    let [end, whole] = [0, true];
    for await (const read of readLetters(file)) {
      this.signal.throwIfAborted();
      end = read.end;
      if (read.kind === 'unreadable') whole = false;
      if (read.kind !== 'letter') continue;
      const { letter } = read;
      keys.push(letter.key);
      if (!isChosen(letter) || (!again && replayed.has(letter.key))) continue;
      const name = to ?? letter.output;
      const full = batches.add(name, letter);
      if (full !== null) await this.#write(full, sendings.get(name), replayed);
    }
    for (const [name, letters] of batches.rest()) await this.#write(letters, sendings.get(name), replayed);
    return { file, keys, done: whole && end === file.bytes && keys.every((key) => replayed.has(key)) };
  }

  async #write(letters: readonly Letter[], sending: Sending | undefined, replayed: Replayed): Promise<void> {
    if (sending === undefined) throw new Error('letters are sent that were not there when they were looked for');
    const { stored, refused, unclear } = await sending.send(letters);
    await replayed.add(stored.map(({ key }) => key)).catch((error: unknown) => this.events.unremembered(error));
    add(this.tally.stored, sending.name, stored.length);
    for (const reason of refused) add(this.tally.refused, maskReason(reason), 1);
    this.tally.unclear += unclear;
    this.events.sent(letters.length);
  }

  async close(): Promise<void> {
    await this.#replayed?.close();
  }

  async #known(): Promise<Replayed> {
    this.#replayed ??= await Replayed.load(join(this.config.dataDir, REPLAYED_NAME));
    return this.#replayed;
  }
}

function add(counts: Map<string, number>, name: string, by: number): void {
  counts.set(name, (counts.get(name) ?? 0) + by);
}

import type { SharedTable, TableRow } from '../../plugin/shared-table.js';
import type { Guess } from '../bert/softmax.js';
import type { LlmAnswer } from './entry.js';
import { type Fitting, readRow, rowValue } from './shared-answer.js';

/** Kept in as little as may be: there is one for each template of the fleet. */
interface Known extends Guess {
  readonly part: number;
}

/** Told of an answer that is new here, or of one that is to be forgotten (null). */
export type Listener = (id: string, answer: LlmAnswer | null) => void;

/**
 * What the language models of a fleet answered, by template. The table says it to all agents in the same order, and the last word counts for each, so
 * that they come to the same labels whatever they asked themselves.
 */
export class SharedAnswers {
  /** By the id of the template, the longest known first. */
  readonly #known = new Map<string, Known>();
  /** What was written here and not heard yet. */
  readonly #own = new Map<string, string>();
  #tell: Listener = () => {};

  constructor(
    readonly table: SharedTable,
    readonly fitting: Fitting,
    /** Answers that are kept, at most. */
    readonly limit: number,
    readonly count: (name: string, by?: number) => void,
    readonly now: () => number = Date.now,
  ) {}

  /** Resolves when all is known that the fleet knew at the start, or that takes too long. */
  get caughtUp(): Promise<void> {
    return this.table.caughtUp;
  }

  /** @throws TrilogError where the table can never be read. */
  async open(tell: Listener): Promise<void> {
    this.#tell = tell;
    await this.table.open((row) => this.#hear(row));
  }

  /** What the fleet says of a template; null where it has said nothing. */
  get(id: string): LlmAnswer | null {
    const known = this.#known.get(id);
    return known === undefined ? null : this.#answer(known);
  }

  /** This agent asked, and nobody has answered for this template before. */
  publish(id: string, guess: Guess): void {
    const value = rowValue(this.fitting.model, guess);
    this.#own.set(id, value);
    bound(this.#own, this.limit);
    this.table.put(id, value);
  }

  /** Tells nothing any more from the call on. */
  async close(): Promise<void> {
    this.#tell = () => {};
    await this.table.close();
  }

  #hear(row: TableRow): void {
    const heard = readRow(row, this.fitting);
    if (heard.kind === 'ignored') {
      this.count(`ignored.${heard.reason}`);
      return;
    }
    const { id } = heard;
    const before = this.#known.get(id);
    // Somebody places keys otherwise. Parts are read in no order that is the same everywhere, so that the number of the part has to decide.
    if (before !== undefined && row.part < before.part) return;
    if (heard.kind === 'forget') {
      this.#known.delete(id);
      this.count('forgotten');
      this.#tell(id, null);
      return;
    }
    const isOwn = this.#own.get(id) === row.value?.toString('utf8');
    this.#own.delete(id);
    if (!isOwn) {
      this.count('learnt');
      // Were it written now, it would be the last word, and everybody would change his label for it.
      this.table.drop(id);
    }
    const known = { ...heard.guess, part: row.part };
    this.#known.delete(id);
    this.#known.set(id, known);
    bound(this.#known, this.limit);
    this.#tell(id, this.#answer(known));
  }

  #answer({ label, confidence }: Known): LlmAnswer {
    return { model: this.fitting.model, guesses: [{ label, confidence }], at: this.now() };
  }
}

/** The oldest go: who writes to the table cannot make it grow. */
function bound(map: Map<string, unknown>, limit: number): void {
  for (const oldest of map.keys()) {
    if (map.size <= limit) break;
    map.delete(oldest);
  }
}

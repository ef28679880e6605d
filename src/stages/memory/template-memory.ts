import type { ComponentLog } from '../../plugin/contract.js';
import { detached } from '../../record/detached.js';
import type { Level } from '../../record/record.js';
import type { Answer, Entry, EntryKey, LlmAnswer } from './entry.js';
import { RecentTemplates } from './recent.js';
import type { MemoryStore } from './store.js';

/** How often counts are written back and other processes' changes are looked for. */
const FLUSH_MS = 5000;
/** Entries that are written back in one go: what is in memory for it stays small, and nobody waits for long. */
const FLUSH_SLICE = 500;
/** Texts that are held in this process beside the store. */
const RECENT = { entries: 32_768, bytes: 24 * 1024 * 1024 };
/** The store is measured again after so many new entries. */
const EVICT_EVERY = 500;

/** A template that is known here, with the verdict that the cascade made of its answer. */
export interface Remembered<Verdict> {
  readonly id: string;
  readonly key: EntryKey;
  readonly verdict: Verdict;
  /** Records that had it since counts were last written back. */
  uses: number;
}

/**
 * What was ever answered for a template, so that the model is asked once and not once a line. In front of the store are the verdicts on the
 * templates that were used last: a hit costs three look-ups in maps.
 */
export class TemplateMemory<Verdict> {
  readonly #recent = new RecentTemplates<Remembered<Verdict>>(RECENT.entries, RECENT.bytes);
  readonly #used = new Set<Remembered<Verdict>>();
  #timer: NodeJS.Timeout | undefined;
  #flushing: Promise<void> | null = null;
  #added = EVICT_EVERY;

  constructor(
    /** Null: what is learned is forgotten at the end of the process. */
    readonly store: MemoryStore | null,
    readonly log: ComponentLog,
    readonly now: () => number = Date.now,
  ) {
    if (store !== null) this.#timer = setInterval(() => void this.flush(), FLUSH_MS).unref();
  }

  /** The verdict on a template that was used lately; undefined for others. */
  recent(level: Level, logger: string, template: string): Remembered<Verdict> | undefined {
    const found = this.#recent.get(level, logger, template);
    if (found !== undefined) this.count(found);
    return found;
  }

  /** The same without counting a record. */
  atHand({ level, logger, template }: EntryKey): Remembered<Verdict> | undefined {
    return this.#recent.get(level, logger, template);
  }

  /** One more record has this template, which was stored before. */
  count(remembered: Remembered<Verdict>): void {
    if (remembered.uses++ === 0) this.#used.add(remembered);
  }

  /** What the store has; whose answers those are is for the caller to see. */
  recall(key: EntryKey, id: string): Entry | null {
    return this.store?.get(key, id) ?? null;
  }

  /** What the store has under an id. */
  recallById(id: string): Entry | null {
    return this.store?.byId(id) ?? null;
  }

  /** Keeps a verdict at hand, for as long as it is used. */
  keep(key: EntryKey, id: string, verdict: Verdict): Remembered<Verdict> {
    const own: EntryKey = { level: key.level, logger: detached(key.logger), template: detached(key.template) };
    const remembered: Remembered<Verdict> = { id, key: own, verdict, uses: 0 };
    this.#recent.set(own.level, own.logger, own.template, remembered);
    return remembered;
  }

  /**
   * Stores BERT's answer for good, null where there is no BERT, and counts the record that asked for it. Nobody waits for the disk; if it fails, the
   * model is asked again another time.
   */
  learn(key: EntryKey, id: string, answer: Answer | null): void {
    this.#put(key, id, ({ llm, count }) => ({ answer, llm, count: count + 1 }));
  }

  /** The same with the language model's answer, which comes after BERT's; null where it is to be forgotten. */
  learnLate(key: EntryKey, id: string, llm: LlmAnswer | null): void {
    this.#put(key, id, ({ answer, count }) => ({ answer, llm, count }));
  }

  #put(
    key: EntryKey,
    id: string,
    change: (before: Pick<Entry, 'answer' | 'llm' | 'count'>) => Pick<Entry, 'answer' | 'llm' | 'count'>,
  ): void {
    if (this.store === null) return;
    const now = this.now();
    const before = this.store.get(key, id);
    const { logger, level, template } = key;
    const changed = change(before ?? { answer: null, llm: null, count: 0 });
    this.#added++;
    this.store
      .put([[id, { logger, level, template, ...changed, firstSeen: before?.firstSeen ?? now, lastSeen: now }]])
      .catch((error: unknown) => this.#failed(error));
  }

  /** Writes back how often templates were used, and makes room. Never throws. */
  flush(): Promise<void> {
    this.#flushing ??= this.#flush()
      .catch((error: unknown) => this.#failed(error))
      .finally(() => {
        this.#flushing = null;
      });
    return this.#flushing;
  }

  async #flush(): Promise<void> {
    const { store } = this;
    const used = [...this.#used];
    this.#used.clear();
    if (store === null) {
      for (const remembered of used) remembered.uses = 0;
      return;
    }
    // What another process forgot or brought in must not live on in here.
    if (store.changedByOthers()) this.#recent.clear();
    const now = this.now();
    for (let i = 0; i < used.length; i += FLUSH_SLICE) {
      const updated = used.slice(i, i + FLUSH_SLICE).flatMap((remembered) => {
        const uses = remembered.uses;
        remembered.uses = 0;
        const entry = store.get(remembered.key, remembered.id);
        return entry === null ? [] : [[remembered.id, { ...entry, lastSeen: now, count: entry.count + uses }] as const];
      });
      await store.put(updated);
    }
    if (this.#added < EVICT_EVERY) return;
    this.#added = 0;
    const gone = await store.evict();
    if (gone > 0) this.log.debug('templates that were not used for long are forgotten', { templates: gone });
  }

  async close(): Promise<void> {
    clearInterval(this.#timer);
    await this.#flushing;
    await this.flush();
    await this.store?.close();
  }

  #failed(error: unknown): void {
    this.log.warn('the template memory could not be written', { reason: error instanceof Error ? error.message : String(error) });
  }
}

import type { Amendment } from '../plugin/contract.js';
import type { Level, LogRecord } from '../record/record.js';
import type { LateAnswer } from '../stages/template-stages.js';

/** A record that left without a label. */
export interface OpenRecord {
  readonly id: string;
  readonly templateId: string;
}

export interface AmendmentLimits {
  /** Records that are remembered, the last sent. */
  readonly records: number;
  /** How long they are, in milliseconds. */
  readonly ageMs: number;
}

export const AMENDMENT_LIMITS: AmendmentLimits = { records: 20_000, ageMs: 3_600_000 };
/** Answers are kept for records which were on their way when the answer came: so many, and for so long, in milliseconds. */
const ANSWERS = 1000;
const ANSWER_LASTS_MS = 300_000;

/** Which records an output has without a label, so that they can be given one when a late answer comes. */
export class Amendments {
  /** By record, the oldest first. */
  readonly #sent = new Map<string, { readonly templateId: string; readonly at: number }>();
  readonly #byTemplate = new Map<string, Set<string>>();
  readonly #answers = new Map<string, { readonly answer: LateAnswer; readonly at: number }>();

  constructor(
    /** Levels that the language model is asked about. */
    readonly levels: ReadonlySet<Level>,
    readonly limits: AmendmentLimits = AMENDMENT_LIMITS,
    readonly now: () => number = Date.now,
  ) {}

  /** Those of the records that a late answer may come for. */
  openOf(records: readonly LogRecord[]): OpenRecord[] {
    return records
      .filter(({ stage, templateId, level }) => stage === 'none' && templateId !== '' && this.levels.has(level))
      .map(({ id, templateId }) => ({ id, templateId }));
  }

  /** These were written. Returns what is to be amended at once, because the answer came before they were. */
  written(records: readonly OpenRecord[]): Amendment[] {
    const at = this.now();
    const due: Amendment[] = [];
    for (const { id, templateId } of records) {
      const late = this.#answers.get(templateId);
      if (late !== undefined && at - late.at <= ANSWER_LASTS_MS) {
        due.push({ id, ...late.answer });
        continue;
      }
      this.#sent.set(id, { templateId, at });
      const ids = this.#byTemplate.get(templateId) ?? new Set();
      this.#byTemplate.set(templateId, ids.add(id));
    }
    this.#forgetOld(at);
    return due;
  }

  /** An answer came. Returns what is to be amended. */
  answered(answer: LateAnswer): Amendment[] {
    const at = this.now();
    this.#forgetOld(at);
    this.#answers.set(answer.templateId, { answer, at });
    for (const templateId of this.#answers.keys()) {
      if (this.#answers.size <= ANSWERS) break;
      this.#answers.delete(templateId);
    }
    const ids = [...(this.#byTemplate.get(answer.templateId) ?? [])];
    for (const id of ids) this.#forget(id);
    return ids.map((id) => ({ id, ...answer }));
  }

  #forgetOld(now: number): void {
    for (const [id, { at }] of this.#sent) {
      if (this.#sent.size <= this.limits.records && now - at <= this.limits.ageMs) break;
      this.#forget(id);
    }
  }

  #forget(id: string): void {
    const templateId = this.#sent.get(id)?.templateId ?? '';
    this.#sent.delete(id);
    const ids = this.#byTemplate.get(templateId);
    ids?.delete(id);
    if (ids?.size === 0) this.#byTemplate.delete(templateId);
  }
}

import type { LogRecord, Stage } from '../record/record.js';

/** What went through, counted by name. */
export class Tally {
  readonly counts = new Map<string, number>();
  readonly labels = new Map<string, number>();
  readonly stages: Record<Stage, number> = { rule: 0, known: 0, bert: 0, llm: 0, none: 0 };
  records = 0;

  count(name: string, by = 1): void {
    this.counts.set(name, (this.counts.get(name) ?? 0) + by);
  }

  add(records: readonly LogRecord[]): void {
    this.records += records.length;
    for (const record of records) {
      this.stages[record.stage]++;
      this.labels.set(record.label, (this.labels.get(record.label) ?? 0) + 1);
    }
  }
}

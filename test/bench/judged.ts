import { join } from 'node:path';
import { PACKAGE_ROOT } from '../../src/paths.js';
import type { LogRecord } from '../../src/record/record.js';
import { jsonLines } from './shared-data.js';

/** What a reader said of a record before he knew what trilog says of it. The record is named by its place; its text stays where it is. */
export interface Judged {
  readonly set: string;
  readonly file: string;
  /** Number of its first line in the file, from 0. */
  readonly line: number;
  readonly label: string;
  /** A second label that can be defended. */
  readonly alt: string | null;
}

/** By `set/file:line`. */
export function judgedRecords(): Map<string, Judged> {
  return new Map(
    jsonLines<Judged>(join(PACKAGE_ROOT, 'test', 'bench', 'judged.ndjson')).map((row) => [`${row.set}/${row.file}:${row.line}`, row]),
  );
}

/** How often records have the label that a reader gave them. */
export class Verdicts {
  judged = 0;
  first = 0;
  second = 0;
  readonly wrong: string[] = [];

  constructor(rows: readonly { readonly record: LogRecord; readonly verdict: Judged }[]) {
    for (const { record, verdict } of rows) {
      this.judged++;
      if (record.label === verdict.label) this.first++;
      else if (record.label === verdict.alt) this.second++;
      else {
        const said = `${record.stage} ${record.rule} says ${record.label}, judged ${verdict.label}${verdict.alt === null ? '' : ` (${verdict.alt})`}`;
        this.wrong.push(
          `${said}: ${verdict.file}:${verdict.line} ${record.logger} ${record.message.slice(0, 160).replaceAll('\n', '\\n')}`,
        );
      }
    }
  }
}

import { existsSync, readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { gunzipSync } from 'node:zlib';
import type { ExecutionContext } from 'ava';
import { numberIn, toldBy } from './messages.js';

/** A document of the output, as far as the tests look at it. */
export interface Stored {
  readonly '@timestamp': string;
  readonly message: string;
  readonly log?: { readonly level?: string };
  readonly host?: { readonly name?: string };
  readonly service?: { readonly name?: string };
  readonly error?: { readonly stack_trace?: string };
  readonly event: { readonly id: string };
  readonly openstack?: { readonly instance_id?: string };
  readonly trilog: { readonly label: string };
}

/** Whole lines of a file; none where it does not exist. */
function wholeLines(file: string): string[] {
  if (!existsSync(file)) return [];
  const bytes = readFileSync(file);
  const text = (file.endsWith('.gz') ? gunzipSync(bytes) : bytes).toString();
  return text
    .slice(0, text.lastIndexOf('\n') + 1)
    .split('\n')
    .filter((line) => line !== '');
}

/**
 * Numbers in the files that a daemon has written, rotated and compressed ones too. A daemon that is killed may leave the half of a line, to which
 * the next is glued: neither is a line.
 */
export function numbersWritten(folder: string): Set<number> {
  const names = existsSync(folder) ? readdirSync(folder) : [];
  const lines = names.flatMap((name) => wholeLines(join(folder, name)));
  const numbers = lines.filter((line) => /^<\d+>1 /.test(line) && !/.<\d+>1 /.test(line)).map((line) => numberIn(line));
  return new Set(numbers.filter((n) => n !== null));
}

/** What trilog has stored of the test's messages, by their number; a record that came twice is there twice. */
export function recordsStored(file: string): Map<number, Stored[]> {
  const records = new Map<number, Stored[]>();
  for (const line of wholeLines(file)) {
    const record: Stored = JSON.parse(line);
    const n = numberIn(`${record.openstack?.instance_id} ${record.message}`);
    if (n !== null) records.set(n, [...(records.get(n) ?? []), record]);
  }
  return records;
}

/** Each record is what its message says, and one that came twice has one id. */
export function isAsTold(t: ExecutionContext, records: ReadonlyMap<number, readonly Stored[]>): void {
  const wrong: unknown[] = [];
  for (const [n, copies] of records) {
    const { traced, ...told } = toldBy(n);
    for (const { host, service, log, trilog, error, ...record } of copies) {
      const found = { host: host?.name, program: service?.name, level: log?.level, label: trilog.label, time: record['@timestamp'] };
      const lines = error?.stack_trace?.split('\n') ?? [];
      const isTraced = traced === undefined || (lines.at(0) === traced[0] && lines.at(-1) === traced[1] && lines.includes('\tspawn()'));
      const isSame = Object.entries(told).every(([key, value]) => found[key as keyof typeof found] === value);
      if (!isTraced || !isSame) wrong.push({ n, found, lines });
    }
    if (new Set(copies.map(({ event }) => event.id)).size > 1) wrong.push({ n, ids: copies.map(({ event }) => event.id) });
  }
  t.deepEqual(wrong.slice(0, 3), [], `${wrong.length} records are not what was sent`);
}

/** Waits until it is so; the test's own time is the limit. */
export async function until(isSo: () => boolean): Promise<void> {
  while (!isSo()) await new Promise((resolve) => setTimeout(resolve, 50));
}

import { execFileSync } from 'node:child_process';
import { existsSync, readdirSync, readFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { PACKAGE_ROOT } from '../../src/paths.js';
import { Joiner } from '../../src/record/joiner.js';
import { programOf } from '../../src/record/log-name.js';
import type { LogRecord } from '../../src/record/record.js';

/** The folder of labelled statements and real logs that lies beside the repository where the project is developed; null elsewhere. */
export function sharedData(): string | null {
  const folder = join(dirname(PACKAGE_ROOT), 'shared', 'data');
  return existsSync(folder) ? folder : null;
}

/** The folder, or the end of the program with one plain line. */
export function requireSharedData(): string {
  const folder = sharedData();
  if (folder !== null) return folder;
  console.log('skipped: the labelled statements and logs (../shared/data) are not here');
  process.exit(0);
}

/** The sets of real logs whose licence allows more than evaluation. */
export const LOG_SETS = ['charmed-ussuri-2022', 'devstack-ci-2013-2017', 'osp7-kilo-2015'] as const;

export interface LogFile {
  readonly set: string;
  readonly name: string;
  readonly lines: readonly string[];
}

/** The log files of a set, unpacked. */
export function logFiles(data: string, set: string): LogFile[] {
  const folder = join(data, 'logs', set);
  return readdirSync(folder)
    .filter((name) => !name.includes('.csv'))
    .sort()
    .map((name) => {
      const path = join(folder, name);
      const bytes = name.endsWith('.xz') ? execFileSync('xz', ['-dc', path], { maxBuffer: 1 << 30 }) : readFileSync(path);
      const lines = bytes.toString('utf8').split('\n');
      if (lines.at(-1) === '') lines.pop();
      // Names are `folder__file`: the last part is what the service called it.
      return { set, name: name.replace(/\.xz$/, ''), lines };
    });
}

/** All records of a file, decoded and joined as the agent does it. */
export function recordsOf(file: LogFile): LogRecord[] {
  const name = file.name.split('__').at(-1) ?? file.name;
  const source = { id: file.name, input: 'bench', name, program: programOf(name), host: 'bench', timezone: 'Etc/UTC', format: 'auto' };
  const joiner = new Joiner(source, { maxLines: 1000, maxBytes: 1_048_576 });
  const block = { source, lines: file.lines, offsets: file.lines.map((_, i) => i), end: file.lines.length, bytes: 0 };
  return [...joiner.feed(block), ...joiner.flush()];
}

/** All records of log sets, each with the place by which `judged.ndjson` names it. */
export function placedRecords(data: string, sets: readonly string[]): { readonly place: string; readonly record: LogRecord }[] {
  return sets.flatMap((set) =>
    logFiles(data, set).flatMap((file) => recordsOf(file).map((record) => ({ place: `${set}/${file.name}:${record.offset}`, record }))),
  );
}

/** Objects of a JSON-lines file. */
export function jsonLines<Row>(path: string): Row[] {
  return readFileSync(path, 'utf8')
    .trimEnd()
    .split('\n')
    .map((line) => JSON.parse(line) as Row);
}

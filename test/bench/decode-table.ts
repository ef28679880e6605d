import type { LogRecord } from '../../src/record/record.js';
import { LOG_SETS, logFiles, recordsOf, requireSharedData } from './shared-data.js';

/** How well real logs are decoded: per file, and the records that look as if they had been torn. */
interface Row {
  readonly file: string;
  readonly lines: number;
  readonly records: number;
  readonly known: number;
  readonly raw: number;
  readonly orphans: number;
}

function lineCount(text: string): number {
  let count = 1;
  for (let at = text.indexOf('\n'); at >= 0; at = text.indexOf('\n', at + 1)) count++;
  return count;
}

/** A line of a traceback that no head has taken. A record with a context is a head, whatever it says. */
function isOrphan({ message, context }: LogRecord): boolean {
  return context === null && (message.startsWith('Traceback') || message.startsWith('  File "'));
}

function print({ file, lines, records, known, raw, orphans }: Row): void {
  const share = lines === 0 ? 100 : (100 * known) / lines;
  const numbers = [lines, records, share.toFixed(2), raw, orphans].map((value) => String(value).padStart(9));
  console.log(`${file.slice(-60).padEnd(60)}${numbers.join('')}`);
}

const data = requireSharedData();
console.log(`${'file'.padEnd(60)}${['lines', 'records', 'known %', 'raw', 'orphans'].map((head) => head.padStart(9)).join('')}`);
const rows: Row[] = [];
const torn: LogRecord[] = [];
for (const set of [...LOG_SETS, 'loghub-2k']) {
  for (const file of logFiles(data, set)) {
    const records = recordsOf(file);
    const raw = records.filter(({ format }) => format === 'raw');
    const unknown = raw.reduce((sum, { message }) => sum + lineCount(message), 0);
    const orphans = records.filter(isOrphan);
    torn.push(...raw, ...orphans);
    rows.push({
      file: `${set}/${file.name}`,
      lines: file.lines.length,
      records: records.length,
      known: file.lines.length - unknown,
      raw: raw.length,
      orphans: orphans.length,
    });
  }
}
rows.forEach(print);
const total = (key: Exclude<keyof Row, 'file'>): number => rows.reduce((sum, row) => sum + row[key], 0);
print({
  file: 'all',
  lines: total('lines'),
  records: total('records'),
  known: total('known'),
  raw: total('raw'),
  orphans: total('orphans'),
});
if (process.argv.includes('--torn'))
  for (const { source, offset, message } of torn) console.log(`${source.id}:${offset + 1}: ${message.slice(0, 160)}`);

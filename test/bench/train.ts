// How long `trilog train` takes, and what it is worth on statements that were held out. Usage: train [--rows 10000] [--set statements|judged] [--cores 0]
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { parseArgs } from 'node:util';
import { PACKAGE_ROOT } from '../../src/paths.js';
import { judgedRecords } from './judged.js';
import { measure } from './process.js';
import { jsonLines, LOG_SETS, placedRecords, requireSharedData } from './shared-data.js';

const { values } = parseArgs({
  options: {
    rows: { type: 'string', default: '10000' },
    /** `statements` were taught to the shipped model, `judged` records were not. */
    set: { type: 'string', default: 'statements' },
    cores: { type: 'string', default: '0' },
  },
});

interface Row {
  readonly logger: string;
  readonly level: string;
  readonly template?: string;
  readonly message?: string;
  readonly program?: string;
  readonly label: string;
  readonly alt: string | null;
}

const { rows: most, set, cores } = values;
if (set !== 'statements' && set !== 'judged') {
  console.error(`no set ${set}; there are: statements, judged`);
  process.exit(64);
}
const data = requireSharedData();

function judgedRows(): Row[] {
  const judged = judgedRecords();
  return placedRecords(data, LOG_SETS).flatMap(({ place, record: { logger, level, message, program } }) => {
    const verdict = judged.get(place);
    return verdict === undefined ? [] : [{ logger, level, message, program, label: verdict.label, alt: verdict.alt }];
  });
}

const all = set === 'judged' ? judgedRows() : jsonLines<Row>(join(data, 'labels', 'statements.jsonl'));
const count = Math.min(Number(most), all.length);
// Evenly over the file: it is sorted by project.
const rows = Array.from({ length: count }, (_, i) => all[Math.floor((i * all.length) / count)]).flatMap((row) => row ?? []);

const folder = mkdtempSync(join(tmpdir(), 'trilog-train-'));
try {
  const labels = join(folder, 'labels.ndjson');
  const lines = rows.map(({ template, message, ...row }) => ({ ...row, message: template ?? message }));
  writeFileSync(labels, lines.map((line) => `${JSON.stringify(line)}\n`).join(''));
  const main = join(PACKAGE_ROOT, 'dist', 'src', 'main.js');
  const command = [process.execPath, main, 'train', '--labels', labels, '--output', join(folder, 'model')];
  const { seconds, cpuSeconds, peakMb } = await measure(command, cores, undefined, 'inherit');
  console.log(
    `${rows.length} rows of ${set}: ${cpuSeconds.toFixed(0)} s of CPU, ${seconds.toFixed(0)} s in all, at most ${peakMb.toFixed(0)} MB`,
  );
} finally {
  rmSync(folder, { recursive: true, force: true });
}

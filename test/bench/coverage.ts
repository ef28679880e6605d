// What the rules alone label: the share of INFO-and-above records of real logs, and agreement with labelled statements and lines.
// Usage: coverage [--unmatched 20] [--disagreements 20]
import { join } from 'node:path';
import { parseArgs } from 'node:util';
import { type Level, LogRecord } from '../../src/record/record.js';
import { RuleEngine } from '../../src/stages/rules/engine.js';
import { loadRules, packFile } from '../../src/stages/rules/load.js';
import { loadTaxonomy } from '../../src/stages/taxonomy.js';
import { table } from './process.js';
import { jsonLines, LOG_SETS, logFiles, recordsOf, requireSharedData } from './shared-data.js';

const { values } = parseArgs({ options: { unmatched: { type: 'string', default: '0' }, disagreements: { type: 'string', default: '0' } } });
const data = requireSharedData();
const rules = loadRules([packFile('openstack')], loadTaxonomy());
const engine = new RuleEngine(rules.map((rule) => rule.compiled));
console.log(`${rules.length} rules\n`);

interface Labelled {
  readonly logger: string;
  readonly level: Level;
  readonly template?: string;
  readonly message?: string;
  readonly label: string;
  readonly alt: string | null;
}

function countBy(keys: readonly string[]): [string, number][] {
  const counts = new Map<string, number>();
  for (const key of keys) counts.set(key, (counts.get(key) ?? 0) + 1);
  return [...counts].sort((a, b) => b[1] - a[1]);
}

function coverage(): void {
  const rows: string[][] = [['log set', 'records', 'INFO and above, or without level', 'labelled', '%', 'DEBUG labelled, %']];
  const unmatched: string[] = [];
  let [all, hits] = [0, 0];
  for (const set of LOG_SETS) {
    const records = logFiles(data, set).flatMap(recordsOf);
    const debug = records.filter(({ level }) => level === 'DEBUG' || level === 'TRACE');
    const rest = records.filter(({ level }) => level !== 'DEBUG' && level !== 'TRACE');
    const labelled = rest.filter((record) => engine.match(record) !== null);
    unmatched.push(
      ...rest
        .filter((record) => engine.match(record) === null)
        .map((r) => `${r.level} ${r.program} ${r.logger} ${r.message.slice(0, 60).replace(/\d+/g, '#')}`),
    );
    all += rest.length;
    hits += labelled.length;
    const debugShare = (100 * debug.filter((record) => engine.match(record) !== null).length) / debug.length;
    rows.push([
      set,
      `${records.length}`,
      `${rest.length}`,
      `${labelled.length}`,
      ((100 * labelled.length) / rest.length).toFixed(1),
      debugShare.toFixed(1),
    ]);
  }
  rows.push(['all', '', `${all}`, `${hits}`, ((100 * hits) / all).toFixed(1), '']);
  console.log(table(rows));
  for (const [text, count] of countBy(unmatched).slice(0, Number(values.unmatched))) console.log(`${count} ${text}`);
}

/** Placeholders of `%`-formatting and of str.format get a value. */
function filled(template: string): string {
  return template
    .replace(/%\(\w+\)[-#0 +]*\d*(?:\.\d+)?[sdrifxXoeg]/g, 'value7')
    .replace(/%[-#0 +]*\d*(?:\.\d+)?[sdrifxXoeg]/g, 'value7')
    .replace(/\{[\w.!:[\]]*\}/g, 'value7');
}

function agreement(name: string, rows: readonly Labelled[]): string[] {
  const source = { id: name, input: 'bench', name, program: '', host: 'bench', timezone: 'Etc/UTC', format: 'auto' };
  const wrong: string[] = [];
  let [matched, first, second] = [0, 0, 0];
  for (const row of rows) {
    const record = new LogRecord(source, 0, filled(row.template ?? row.message ?? ''));
    record.logger = row.logger;
    record.level = row.level;
    record.format = 'oslo';
    const rule = engine.match(record);
    if (rule === null) continue;
    matched++;
    if (rule.label === row.label) first++;
    else if (rule.label === row.alt) second++;
    else wrong.push(`${rule.id} says ${rule.label}, labelled ${row.label}: ${row.logger} ${record.message.slice(0, 120)}`);
  }
  for (const text of wrong.slice(0, Number(values.disagreements))) console.log(text);
  return [
    name,
    `${rows.length}`,
    `${matched}`,
    `${first}`,
    `${second}`,
    `${wrong.length}`,
    ((100 * (first + second)) / matched).toFixed(2),
  ];
}

coverage();
console.log();
const statements = jsonLines<Labelled>(join(data, 'labels', 'statements.jsonl'));
const lines = jsonLines<Labelled>(join(data, 'labels', 'lines.jsonl'));
const rows = [agreement('statements', statements), agreement('real lines', lines)];
console.log(table([['labelled', 'all', 'matched', 'first label', 'second label', 'neither', 'agreement, %'], ...rows]));

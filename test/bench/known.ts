// What the known statements answer, how often they are right, and how fast. Usage: known [--disagreements 20]
import { readFileSync, statSync } from 'node:fs';
import { join } from 'node:path';
import { parseArgs } from 'node:util';
import { type LabelledLine, permitted, recordOf } from '../../models/known/calibrate.js';
import { type StatementRow, selectStatements } from '../../models/known/statements.js';
import { MODELS_DIR } from '../../src/paths.js';
import type { LogRecord } from '../../src/record/record.js';
import { compileStatements } from '../../src/stages/known/compile.js';
import { decodeStatements } from '../../src/stages/known/file.js';
import { KnownStatements } from '../../src/stages/known/known-statements.js';
import { RuleEngine } from '../../src/stages/rules/engine.js';
import { loadRules, packFile } from '../../src/stages/rules/load.js';
import { loadTaxonomy } from '../../src/stages/taxonomy.js';
import { filledTemplate } from './filled-template.js';
import { table } from './process.js';
import { jsonLines, LOG_SETS, logFiles, recordsOf, requireSharedData } from './shared-data.js';

const { values } = parseArgs({ options: { disagreements: { type: 'string', default: '0' } } });
const shown = Number(values.disagreements);
const data = requireSharedData();
const file = join(MODELS_DIR, 'known', 'openstack.bin');
const known = KnownStatements.load(file);
const taxonomy = loadTaxonomy();
const labels = [...taxonomy.labels.keys()];
const engine = new RuleEngine(loadRules([packFile('openstack')], taxonomy).map((rule) => rule.compiled));
const statements = jsonLines<StatementRow>(join(data, 'labels', 'statements.jsonl'));
const lines = jsonLines<LabelledLine>(join(data, 'labels', 'lines.jsonl'));

interface Asked {
  readonly record: LogRecord;
  readonly label: string;
  readonly alt: string | null;
}

const agreement: string[][] = [['labelled', 'all', 'answered', 'share, %', 'first label, %', 'with second labels, %']];

function agree(name: string, asked: Iterable<Asked>, store = known): void {
  let [all, answered, first, second] = [0, 0, 0, 0];
  const wrong: string[] = [];
  for (const { record, label, alt } of asked) {
    all++;
    const answer = store.match(record);
    if (answer === null) continue;
    answered++;
    if (answer.label === label) first++;
    else if (answer.label === alt) second++;
    else wrong.push(`${name}: ${answer.label}, labelled ${label}: ${record.logger} ${record.message.slice(0, 120)}`);
  }
  for (const text of wrong.slice(0, shown)) console.log(text);
  agreement.push([name, `${all}`, `${answered}`, percent(answered, all), percent(first, answered), percent(first + second, answered)]);
}

function percent(part: number, all: number): string {
  return all === 0 ? '–' : ((100 * part) / all).toFixed(1);
}

function* filledStatements(rows: readonly StatementRow[], seed: number): Generator<Asked> {
  for (const [i, row] of rows.entries()) {
    const line = { ...row, file: '', message: filledTemplate(row.template, seed + i) };
    yield { record: recordOf(line), label: row.label, alt: row.alt };
  }
}

const realLines = lines.map((line) => ({ record: recordOf(line), label: line.label, alt: line.alt }));
agree('real lines', realLines);
agree(
  'real lines that rules leave',
  realLines.filter(({ record }) => engine.match(record) === null),
);
agree('statements, filled in', filledStatements(statements, 1));
agree(
  'statements that rules leave, filled in',
  [...filledStatements(statements, 1)].filter(({ record }) => engine.match(record) === null),
);
agree('DEBUG statements, filled in', filledStatements(statements.filter((row) => row.level === 'DEBUG'), 1));

// What a store says of statements that it has never seen: those of a project that was left out of it. It should mostly say nothing.
function* strangers(): Generator<readonly [StatementRow[], KnownStatements]> {
  for (const project of new Set(statements.map((row) => row.project))) {
    const others = selectStatements(statements.filter((row) => row.project !== project));
    yield [statements.filter((row) => row.project === project), new KnownStatements(compileStatements(others, labels, permitted()))];
  }
}
const unseen = { all: 0, answered: 0, first: 0, second: 0 };
for (const [rows, store] of strangers()) {
  for (const { record, label, alt } of filledStatements(rows, 7)) {
    unseen.all++;
    const answer = store.match(record);
    if (answer === null) continue;
    unseen.answered++;
    if (answer.label === label) unseen.first++;
    else if (answer.label === alt) unseen.second++;
    else if (unseen.answered % 10 === 0 && shown > 0) console.log(`unseen: ${answer.label}, labelled ${label}: ${record.logger} ${record.message.slice(0, 120)}`);
  }
}
agreement.push([
  'statements of a project left out',
  `${unseen.all}`,
  `${unseen.answered}`,
  percent(unseen.answered, unseen.all),
  percent(unseen.first, unseen.answered),
  percent(unseen.first + unseen.second, unseen.answered),
]);
console.log(table(agreement));

// Real logs: how much is recognised, and whether the rules, where they answer too, say the same.
const coverage: string[][] = [['log set', 'records', 'known', '%', 'left by rules', 'of these known', '%', 'rules say the same, %']];
const differences = new Map<string, number>();
const loud: LogRecord[] = [];
for (const set of LOG_SETS) {
  const records = logFiles(data, set)
    .flatMap(recordsOf)
    .filter(({ level }) => level !== 'DEBUG' && level !== 'TRACE');
  let [answered, left, leftKnown, both, same] = [0, 0, 0, 0, 0];
  for (const record of records) {
    const answer = known.match(record);
    const rule = engine.match(record);
    if (rule === null) left++;
    if (answer === null) continue;
    answered++;
    if (rule === null) leftKnown++;
    else {
      both++;
      if (rule.label === answer.label) same++;
      else {
        const key = `${rule.id} says ${rule.label}, known ${answer.label}: ${record.logger} ${record.message.slice(0, 50).replace(/[\da-f-]{4,}/g, '#')}`;
        differences.set(key, (differences.get(key) ?? 0) + 1);
      }
    }
  }
  loud.push(...records);
  coverage.push([
    set,
    `${records.length}`,
    `${answered}`,
    percent(answered, records.length),
    `${left}`,
    `${leftKnown}`,
    percent(leftKnown, left),
    percent(same, both),
  ]);
}
for (const [text, count] of [...differences].sort((a, b) => b[1] - a[1]).slice(0, shown)) console.log(`${count} ${text}`);
console.log(`\n${table(coverage)}`);

function rate(records: readonly LogRecord[]): string {
  const times: number[] = [];
  for (let round = 0; round < 5; round++) {
    const began = performance.now();
    for (const record of records) known.match(record);
    times.push(performance.now() - began);
  }
  return Math.round(records.length / (Math.min(...times) / 1000)).toLocaleString('en');
}
const foreign = loud.map((record) => Object.assign(Object.create(Object.getPrototypeOf(record)), record, { logger: 'example.app.unknown' }) as LogRecord);
console.log(`\n${known.size} statements, ${statSync(file).size} bytes (${decodeStatements(readFileSync(file), file).runHash.length} runs of words)`);
console.log(`look-ups/s: real records ${rate(loud)}, unknown logger ${rate(foreign)}`);

// What the known statements answer, how often they are right, and how fast. Usage: known [--disagreements 20]
import { statSync } from 'node:fs';
import { join } from 'node:path';
import { parseArgs } from 'node:util';
import { type LabelledLine, permitted, recordOf } from '../../models/known/calibrate.js';
import { type StatementRow, selectStatements } from '../../models/known/statements.js';
import { MODELS_DIR } from '../../src/paths.js';
import type { LogRecord } from '../../src/record/record.js';
import { compileStatements } from '../../src/stages/known/compile.js';
import { KnownStatements } from '../../src/stages/known/known-statements.js';
import { RuleEngine } from '../../src/stages/rules/engine.js';
import { loadRules, packFile } from '../../src/stages/rules/load.js';
import { loadTaxonomy } from '../../src/stages/taxonomy.js';
import { filledTemplate } from './filled-template.js';
import { table } from './process.js';
import { renderedLines } from './rendered.js';
import { jsonLines, LOG_SETS, logFiles, recordsOf, requireSharedData } from './shared-data.js';

const { values } = parseArgs({ options: { disagreements: { type: 'string', default: '0' } } });
const data = requireSharedData();
const file = join(MODELS_DIR, 'known', 'openstack.bin');
const known = KnownStatements.load(file);
const taxonomy = loadTaxonomy();
const engine = new RuleEngine(loadRules([packFile('openstack')], taxonomy).map((rule) => rule.compiled));
const statements = jsonLines<StatementRow>(join(data, 'labels', 'statements.jsonl'));
const lines = jsonLines<LabelledLine>(join(data, 'labels', 'lines.jsonl'));

interface Asked {
  readonly record: LogRecord;
  /** Empty where nobody labelled it: then only the share counts. */
  readonly label: string;
  readonly alt: string | null;
}

function percent(part: number, all: number): string {
  return all === 0 ? '–' : ((100 * part) / all).toFixed(1);
}

function left<T extends { readonly record: LogRecord }>(asked: readonly T[]): T[] {
  return asked.filter(({ record }) => engine.match(record) === null);
}

/** A row of the table: how much a store answers, and how often it says what the label or its second says. */
class Agreement {
  static readonly head = ['labelled', 'all', 'answered', 'share, %', 'first label, %', 'with second labels, %'];
  #all = 0;
  #answered = 0;
  #labelled = 0;
  #first = 0;
  #second = 0;
  readonly #wrong: string[] = [];

  constructor(readonly name: string) {}

  ask(store: KnownStatements, asked: readonly Asked[]): this {
    for (const { record, label, alt } of asked) {
      this.#all++;
      const answer = store.match(record);
      if (answer === null) continue;
      this.#answered++;
      if (label === '') continue;
      this.#labelled++;
      if (answer.label === label) this.#first++;
      else if (answer.label === alt) this.#second++;
      else this.#wrong.push(`${this.name}: ${answer.label}, labelled ${label}: ${record.logger} ${record.message.slice(0, 120)}`);
    }
    return this;
  }

  get row(): string[] {
    for (const text of this.#wrong.slice(0, Number(values.disagreements))) console.log(text);
    const right = [percent(this.#first, this.#labelled), percent(this.#first + this.#second, this.#labelled)];
    return [this.name, `${this.#all}`, `${this.#answered}`, percent(this.#answered, this.#all), ...right];
  }
}

function filled(rows: readonly StatementRow[], seed: number): Asked[] {
  return rows.map(({ logger, level, template, label, alt }, i) => {
    const line = { file: '', logger, level, label, alt, message: filledTemplate(template, seed + i) };
    return { record: recordOf(line), label, alt };
  });
}

/** What a store says of statements that it has never seen, those of a project that was left out of it: it should mostly say nothing. */
function strangers(): Agreement {
  const agreement = new Agreement('statements of a project left out, filled in');
  for (const project of new Set(statements.map((row) => row.project))) {
    const others = selectStatements(statements.filter((row) => row.project !== project));
    const store = new KnownStatements(compileStatements(others, [...taxonomy.labels.keys()], permitted()));
    agreement.ask(
      store,
      filled(
        statements.filter((row) => row.project === project),
        7,
      ),
    );
  }
  return agreement;
}

function agreements(): string[][] {
  const real = lines.map((line) => ({ record: recordOf(line), label: line.label, alt: line.alt }));
  const byStatement = new Map(statements.map((row) => [`${row.logger} ${row.template}`, row]));
  const rendered = renderedLines(data, 8000, 5).map((line) => {
    const { label, alt } = byStatement.get(`${line.logger} ${line.template}`) ?? { label: '', alt: null };
    return { record: recordOf({ ...line, file: '', label, alt }), label, alt };
  });
  const [own, foreign] = [rendered.filter(({ label }) => label !== ''), rendered.filter(({ label }) => label === '')];
  return [
    new Agreement('real lines').ask(known, real),
    new Agreement('real lines that rules leave').ask(known, left(real)),
    new Agreement('statements, rendered').ask(known, own),
    new Agreement('statements that rules leave, rendered').ask(known, left(own)),
    new Agreement('statements that are not in the store, rendered').ask(known, foreign),
    new Agreement('all statements, filled in').ask(known, filled(statements, 1)),
    strangers(),
  ].map((agreement) => agreement.row);
}

/** A row per set of real logs: how much is recognised, and whether the rules, where they answer too, say the same. */
function coverage(set: string, records: readonly LogRecord[], differences: Map<string, number>): string[] {
  let [answered, unruled, added, same] = [0, 0, 0, 0];
  for (const record of records) {
    const answer = known.match(record);
    const rule = engine.match(record);
    if (rule === null) unruled++;
    if (answer === null) continue;
    answered++;
    if (rule === null) added++;
    else if (rule.label === answer.label) same++;
    else {
      const start = record.message.slice(0, 60).replace(/[\da-f-]{4,}/g, '#');
      const text = `${rule.id} says ${rule.label}, known ${answer.label}: ${record.logger} ${start}`;
      differences.set(text, (differences.get(text) ?? 0) + 1);
    }
  }
  const share = percent(answered, records.length);
  return [set, `${records.length}`, `${answered}`, share, `${unruled}`, `${added}`, percent(same, answered - added)];
}

function rate(records: readonly LogRecord[]): string {
  const times = Array.from({ length: 5 }, () => {
    const began = performance.now();
    for (const record of records) known.match(record);
    return performance.now() - began;
  });
  return Math.round(records.length / (Math.min(...times) / 1000)).toLocaleString('en');
}

console.log(table([Agreement.head, ...agreements()]));

const differences = new Map<string, number>();
const sets = LOG_SETS.map((set) => ({ set, records: logFiles(data, set).flatMap(recordsOf) }));
const loud = sets.map(({ set, records }) => ({ set, records: records.filter(({ level }) => level !== 'DEBUG' && level !== 'TRACE') }));
const rows = loud.map(({ set, records }) => coverage(set, records, differences));
for (const [text, count] of [...differences].sort((a, b) => b[1] - a[1]).slice(0, Number(values.disagreements)))
  console.log(`${count} ${text}`);
console.log(
  `\n${table([['log set', 'INFO and above', 'known', '%', 'left by rules', 'of these known', 'rules say the same, %'], ...rows])}`,
);

const records = loud.flatMap((set) => set.records);
const named = (logger: string, message: string) => recordOf({ file: '', logger, level: 'INFO', message, label: '', alt: null });
const foreign = records.map(({ message }) => named('example.app.unknown', message));
const hostile = Array.from({ length: 200 }, () => named('nova.compute.manager', 'failed to volume instance '.repeat(500)));
console.log(`\n${known.size} statements in ${statSync(file).size} bytes`);
console.log(
  `look-ups/s: real records ${rate(records)}, unknown logger ${rate(foreign)}, hostile text of 13,000 characters ${rate(hostile)}`,
);

// The whole cascade without LLM on the real log sets: who answers, what stays unclassified, how often the model is asked from an empty memory and
// again from a full one; and how often each stage is right on records that were judged by reading.
// Usage: cascade [--wrong 20] [--open 20] [--model FOLDER] [--set charmed-ussuri-2022]
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { parseArgs } from 'node:util';
import { bertConfig } from '../../src/config/load.js';
import { bertSchema, memorySchema } from '../../src/config/schema.js';
import type { LogRecord } from '../../src/record/record.js';
import { CascadePlan, COMMAND_HOME } from '../../src/stages/build-cascade.js';
import { Cascade } from '../../src/stages/cascade.js';
import { RuleEngine } from '../../src/stages/rules/engine.js';
import { packFile } from '../../src/stages/rules/load.js';
import { type Judged, judgedRecords, Verdicts } from './judged.js';
import { table } from './process.js';
import { LOG_SETS, placedRecords, requireSharedData } from './shared-data.js';

const { values } = parseArgs({
  options: {
    wrong: { type: 'string', default: '0' },
    open: { type: 'string', default: '0' },
    /** Another model than the shipped one, such as one that has seen nothing of a set. */
    model: { type: 'string', default: 'openstack' },
    set: { type: 'string', multiple: true, default: [...LOG_SETS] },
  },
});
const data = requireSharedData();
const BATCH = 1000;

const { max_entries, max_bytes } = memorySchema.parse({});
const plan = new CascadePlan(
  {
    ...{ taxonomyFile: null, ruleFiles: [packFile('openstack')], known: true, bert: bertConfig(bertSchema.parse({ model: values.model })) },
    llm: null,
    memory: { maxEntries: max_entries, maxBytes: max_bytes },
  },
  { debug: () => {}, info: () => {}, warn: console.error, error: console.error },
);

/** Which of the stages before the model are asked. */
interface Setting {
  readonly name: string;
  readonly rules: boolean;
  readonly known: boolean;
}

const SETTINGS: readonly Setting[] = [
  { name: 'rules, known, BERT', rules: true, known: true },
  { name: 'known, BERT', rules: false, known: true },
  { name: 'BERT alone', rules: false, known: false },
];

interface Run {
  readonly cascade: Cascade;
  /** Texts that the model was asked. */
  asked: number;
}

async function open(folder: string, { rules, known }: Setting): Promise<Run> {
  const built = await plan.build({ ...COMMAND_HOME, memoryFolder: folder });
  const { stages, taxonomy } = built;
  const cascade = new Cascade(taxonomy, {
    ...stages,
    rules: rules ? stages.rules : new RuleEngine([]),
    known: known ? stages.known : null,
  });
  const bert = stages.templates?.bert;
  if (bert == null) throw new Error('the model that comes with trilog cannot be opened');
  const run: Run = { cascade, asked: 0 };
  const ask = bert.ask.bind(bert);
  bert.ask = (text) => {
    run.asked++;
    return ask(text);
  };
  return run;
}

async function classify(run: Run, records: readonly LogRecord[]): Promise<void> {
  run.asked = 0;
  for (let i = 0; i < records.length; i += BATCH) await run.cascade.classify(records.slice(i, i + BATCH));
}

const share = (part: number, all: number): string => (all === 0 ? '–' : ((100 * part) / all).toFixed(2));

function row(name: string, records: readonly LogRecord[], asked: number, again: number): string[] {
  const by = (stage: string): string => share(records.filter((record) => record.stage === stage).length, records.length);
  const left = new Set(records.map(({ templateId }) => templateId).filter((id) => id !== ''));
  const stages = [by('rule'), by('known'), by('bert'), by('none')];
  return [name, `${records.length}`, ...stages, `${left.size}`, `${asked}`, `${again}`];
}

const records = placedRecords(data, values.set).filter(({ record: { level } }) => level !== 'DEBUG' && level !== 'TRACE');
const all = records.map(({ record }) => record);
const judged = judgedRecords();
const read = records.flatMap(({ place, record }) => {
  const verdict = judged.get(place);
  return verdict === undefined ? [] : [{ record, verdict }];
});

function verdicts(stage: string, rows: readonly { readonly record: LogRecord; readonly verdict: Judged }[]): string[] {
  const of = new Verdicts(rows.filter(({ record }) => record.stage === stage));
  for (const text of of.wrong.slice(0, Number(values.wrong))) console.log(text);
  return [`${of.judged}`, share(of.first, of.judged), share(of.first + of.second, of.judged)];
}

const shares: string[][] = [];
const precision: string[][] = [];
for (const setting of SETTINGS) {
  const folder = mkdtempSync(join(tmpdir(), 'trilog-cascade-'));
  try {
    const first = await open(folder, setting);
    await classify(first, all);
    const asked = first.asked;
    await first.cascade.close();
    const second = await open(folder, setting);
    await classify(second, all);
    shares.push(row(setting.name, all, asked, second.asked));
    await second.cascade.close();
  } finally {
    rmSync(folder, { recursive: true, force: true });
  }
  for (const stage of ['rule', 'known', 'bert']) {
    const [count = '0', ...rest] = verdicts(stage, read);
    if (count !== '0') precision.push([setting.name, stage, count, ...rest]);
  }
  const open_ = all.filter(({ stage }) => stage === 'none');
  for (const { level, logger, program, message } of open_.slice(0, Number(values.open)))
    console.log(`unclassified: ${level} ${program} ${logger} ${message.slice(0, 120)}`);
}

const head = ['stages', 'INFO and above', 'rules, %', 'known, %', 'BERT, %', 'unclassified, %'];
console.log(table([[...head, 'templates left to BERT', 'asked, empty memory', 'asked, second run'], ...shares]));
console.log(`\n${read.length} records judged by reading, one a template; right answers of each stage among them`);
console.log(table([['stages', 'stage', 'answered', 'first label, %', 'with second labels, %'], ...precision]));

// How many texts a second each of several models answers, one after the other in one run: what accuracy costs.
// Usage: models --model FOLDER [--model FOLDER …] [--texts 4000] [--threads 2] [--raw FOLDER …] [--json FILE]
// Texts are the templates of statements that are all new; a model named by --raw gets whole log lines instead, as the reference system has it.
import { statSync, writeFileSync } from 'node:fs';
import { basename, join } from 'node:path';
import { parseArgs } from 'node:util';
import { modelPath, readModelFolder } from '../../src/stages/bert/model-folder.js';
import { BertStage } from '../../src/stages/bert/stage.js';
import { loadTaxonomy } from '../../src/stages/taxonomy.js';
import { maskMessage } from '../../src/stages/template/mask.js';
import { modelText } from '../../src/stages/template/model-text.js';
import { osloLines } from './generate.js';
import { median, table } from './process.js';
import { distinctStatements } from './statements.js';

const { values } = parseArgs({
  options: {
    model: { type: 'string', multiple: true, default: [] },
    raw: { type: 'string', multiple: true, default: [] },
    texts: { type: 'string', default: '4000' },
    threads: { type: 'string', default: '2' },
    rounds: { type: 'string', default: '3' },
    json: { type: 'string' },
  },
});
const count = Number(values.texts);
const BATCH = 1000;
const silent = (): void => {};
const log = { debug: silent, info: silent, warn: console.error, error: console.error };

interface Row {
  readonly model: string;
  readonly perSecond: number;
  readonly megabytes: number;
}

const templates = [...distinctStatements(count, 7)].map(({ logger, level, message }) => modelText(logger, level, maskMessage(message)));
// Whole lines are long and slow: fewer of them tell as much.
const lines = [...osloLines(Math.ceil(count / 20), 7)];

async function measured(folder: string, texts: readonly string[]): Promise<Row> {
  const model = readModelFolder(folder, loadTaxonomy());
  const options = {
    ...{ minConfidence: null, minConfidenceByLabel: {}, threads: Number(values.threads), maxTokens: null },
    executionProviders: ['cpu'] as const,
  };
  const stage = new BertStage(model, options, log);
  await stage.open();
  const rates: number[] = [];
  for (let round = 0; round < Number(values.rounds); round++) {
    const started = performance.now();
    for (let i = 0; i < texts.length; i += BATCH) await Promise.all(texts.slice(i, i + BATCH).map((text) => stage.ask(text)));
    rates.push((1000 * texts.length) / (performance.now() - started));
  }
  await stage.close();
  return { model: basename(folder), perSecond: Math.round(median(rates)), megabytes: statSync(join(folder, 'model.onnx')).size / 1e6 };
}

const folders = values.model.length > 0 ? values.model : [modelPath('openstack')];
const rows: Row[] = [];
for (const folder of folders) rows.push(await measured(folder, templates));
for (const folder of values.raw) rows.push(await measured(folder, lines));
console.log(
  table([['model', 'texts/s', 'MB'], ...rows.map((row) => [row.model, row.perSecond.toLocaleString('en-US'), row.megabytes.toFixed(1)])]),
);
if (values.json !== undefined) writeFileSync(values.json, `${JSON.stringify(rows)}\n`);

import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import test, { type ExecutionContext } from 'ava';
import type { LogRecord } from '../../src/record/record.js';
import { BertStage } from '../../src/stages/bert/stage.js';
import { type CascadeConfig, CascadePlan, COMMAND_HOME } from '../../src/stages/build-cascade.js';
import type { Cascade, KnownStage } from '../../src/stages/cascade.js';
import { packFile } from '../../src/stages/rules/load.js';
import { record as sample } from '../record/sample.js';
import { LogKept, TINY, TINY_OPTIONS, tinyCopy } from './bert/tiny.js';

const CONFIG: CascadeConfig = {
  taxonomyFile: null,
  ruleFiles: [packFile('openstack')],
  bert: { ...TINY_OPTIONS, path: TINY, required: true },
  known: false,
  llm: null,
  memory: { maxEntries: 1000, maxBytes: 1 << 24 },
};

function said(message: string, level: 'ERROR' | 'INFO' = 'ERROR', logger = 'site.own.agent'): LogRecord {
  return Object.assign(sample(message), { level, logger, program: 'own-agent', format: 'oslo' });
}

function build(change: Partial<CascadeConfig> = {}, folder: string | null = null, known: KnownStage | null = null): Promise<Cascade> {
  return new CascadePlan({ ...CONFIG, ...change }, new LogKept(), known).build({ ...COMMAND_HOME, memoryFolder: folder });
}

/** A place for a memory that goes with the test. */
function memoryFolder(t: ExecutionContext): string {
  const folder = mkdtempSync(join(tmpdir(), 'trilog-memory-'));
  t.teardown(() => rmSync(folder, { recursive: true, force: true }));
  return join(folder, 'memory');
}

/** Counts what the model is asked. */
function counted(cascade: Cascade): { asked: string[] } {
  const asked: string[] = [];
  const { bert } = cascade.stages.templates ?? {};
  if (!(bert instanceof BertStage)) throw new Error('no model');
  const ask = bert.ask.bind(bert);
  bert.ask = (text) => {
    asked.push(text);
    return ask(text);
  };
  return { asked };
}

test('a rule answers before the model, at once, and without a template', async (t) => {
  const cascade = await build();
  const record = said('Claim successful on node compute01.example.org', 'INFO', 'nova.compute.claims');
  Object.assign(record, { template: 'old', templateId: 'old', guess: { label: 'other', confidence: 0.1 } });
  t.is(cascade.classify([record]), undefined);
  t.deepEqual([record.stage, record.template, record.templateId, record.guess], ['rule', '', '', null]);
  await cascade.close();
});

test('the model is asked once for a template, however many records and batches have it', async (t) => {
  const cascade = await build();
  const { asked } = counted(cascade);
  const five = (n: number): LogRecord[] => Array.from({ length: 5 }, (_, i) => said(`instance 10.0.0.${n}${i} failed to spawn`));
  const [first, second] = [five(1), five(2)];
  const [one, two] = [cascade.classify(first), cascade.classify(second)];
  t.true(one instanceof Promise && two instanceof Promise);
  await Promise.all([one, two]);
  t.is(asked.length, 1);
  const records = [...first, ...second];
  t.true(records.every(({ label, stage, confidence }) => label === 'instance.failure' && stage === 'bert' && confidence > 0.8));
  t.true(records.every(({ template, templateId }) => template === 'instance <ip> failed to spawn' && templateId.length === 32));
  t.deepEqual(
    records.map(({ novel }) => novel),
    records.map((_, i) => i === 0),
  );
  t.is(records[0]?.event?.outcome, 'failure');
  const again = said('instance 10.9.9.9 failed to spawn');
  t.is(cascade.classify([again]), undefined);
  t.deepEqual([again.stage, again.novel, asked.length], ['bert', false, 1]);
  await cascade.close();
});

test('level and logger belong to the key', async (t) => {
  const cascade = await build();
  const { asked } = counted(cascade);
  await cascade.classify([said('rabbit is gone'), said('rabbit is gone', 'INFO'), said('rabbit is gone', 'ERROR', 'site.own.other')]);
  t.is(asked.length, 3);
  await cascade.close();
});

test('a record without a logger goes to the model under its program', async (t) => {
  const cascade = await build();
  const { asked } = counted(cascade);
  await cascade.classify([Object.assign(said('the turbine has stopped', 'INFO', ''), { program: 'turbined' })]);
  t.deepEqual(asked, ['info turbined | the turbine has stopped']);
  await cascade.close();
});

test('an answer that is not sure enough stays a guess', async (t) => {
  const cascade = await build();
  const record = said('instance memory');
  await cascade.classify([record]);
  t.deepEqual([record.label, record.stage, record.confidence], ['unclassified', 'none', 0]);
  t.is(record.guess?.label, 'instance.failure');
  t.true((record.guess?.confidence ?? 1) < 0.8);
  await cascade.close();
});

test('how sure the model must be is the configuration’s to say, for all labels or for one', async (t) => {
  const sure = async (change: object): Promise<string> => {
    const cascade = await build({ bert: { ...TINY_OPTIONS, path: TINY, required: true, ...change } });
    const record = said('instance memory');
    await cascade.classify([record]);
    await cascade.close();
    return record.stage;
  };
  t.is(await sure({ minConfidence: 0.4 }), 'bert');
  t.is(await sure({ minConfidenceByLabel: { 'instance.failure': 0.4 } }), 'bert');
  t.is(await sure({ minConfidence: 0.4, minConfidenceByLabel: { 'instance.failure': 0.99 } }), 'none');
});

test('labels that the model never gives are refused where the configuration says how sure it must be of them', (t) => {
  const minConfidenceByLabel = { 'instance.failure': 0.4, 'instance.failur': 0.1, 'auth.failure': 0.1 };
  const error = t.throws(
    () => new CascadePlan({ ...CONFIG, bert: { ...TINY_OPTIONS, path: TINY, required: true, minConfidenceByLabel } }, new LogKept()),
    { code: 'CONFIG_INVALID' },
  );
  t.deepEqual(
    error?.message.split('\n').map((line) => line.slice(0, line.indexOf(' is not a label of the model tiny@1#'))),
    ['instance.failur', 'auth.failure'].map((label) => `classify.bert.min_confidence_by_label: "${label}"`),
  );
});

test('known statements answer before the memory and the model', async (t) => {
  const known = {
    match: ({ message }: LogRecord) => (message.includes('rabbit') ? { label: 'other', confidence: 0.97, id: 'known.1' } : null),
  };
  const cascade = await build({}, null, known);
  const record = said('rabbit unreachable');
  t.is(cascade.classify([record]), undefined);
  t.deepEqual([record.label, record.stage, record.rule, record.confidence], ['other', 'known', 'known.1', 0.97]);
  await cascade.close();
});

test('what the model answered is remembered over a restart; another model is asked again, and nothing is new twice', async (t) => {
  const folder = memoryFolder(t);
  const model = tinyCopy(t);
  const records = (): LogRecord[] => [said('instance failed to spawn'), said('what nobody knows')];
  const run = async (path: string): Promise<{ asked: number; records: LogRecord[] }> => {
    const cascade = await build({ bert: { ...TINY_OPTIONS, path, required: true } }, folder);
    const { asked } = counted(cascade);
    const batch = records();
    await cascade.classify(batch);
    await cascade.close();
    return { asked: asked.length, records: batch };
  };
  const first = await run(TINY);
  t.deepEqual([first.asked, first.records.map(({ novel }) => novel)], [2, [true, true]]);
  const second = await run(TINY);
  t.deepEqual([second.asked, second.records.map(({ novel }) => novel)], [0, [false, false]]);
  t.deepEqual(
    second.records.map(({ label, confidence, guess }) => ({ label, confidence, guess })),
    first.records.map(({ label, confidence, guess }) => ({ label, confidence, guess })),
  );
  const about = join(model, 'model.json');
  writeFileSync(about, readFileSync(about, 'utf8').replace('"version": "1"', '"version": "2"'));
  const third = await run(model);
  t.deepEqual([third.asked, third.records.map(({ novel }) => novel)], [2, [false, false]]);
});

test('an answer to a text that was cut is none to a longer one', async (t) => {
  const folder = memoryFolder(t);
  const run = async (maxTokens: number | null): Promise<{ asked: number; guess: string | undefined }> => {
    const cascade = await build({ bert: { ...TINY_OPTIONS, path: TINY, required: true, maxTokens } }, folder);
    const { asked } = counted(cascade);
    // Eight tokens end before `claim`.
    const record = said('what nobody knows instance claim claim');
    await cascade.classify([record]);
    await cascade.close();
    return { asked: asked.length, guess: record.guess?.label ?? record.label };
  };
  t.deepEqual(await run(8), { asked: 1, guess: 'instance.failure' });
  t.deepEqual(await run(null), { asked: 1, guess: 'capacity.allocation' });
  // More than the model takes is not another length.
  t.deepEqual(await run(512), { asked: 0, guess: 'capacity.allocation' });
});

test('a memory that cannot be opened or begun ends the start with an error', async (t) => {
  const file = memoryFolder(t);
  writeFileSync(file, '');
  const error = await t.throwsAsync(() => build({}, join(file, 'memory')), { code: 'MEMORY_INVALID' });
  t.regex(error?.message ?? '', /memory cannot be opened: ENOTDIR.*; a new one cannot be begun: ENOTDIR/);
});

test('a model that is gone loses no record, and is asked again later', async (t) => {
  const cascade = await build();
  const { bert } = cascade.stages.templates ?? {};
  await bert?.close();
  const record = said('instance failed to spawn');
  await cascade.classify([record]);
  t.deepEqual([record.label, record.stage, record.guess], ['unclassified', 'none', null]);
  t.true(cascade.classify([said('instance failed to spawn')]) instanceof Promise);
  await cascade.close();
});

test('a model that was asked for and cannot be used ends the start; one that was not is left out with a warning', async (t) => {
  const spoiled = tinyCopy(t);
  writeFileSync(join(spoiled, 'model.onnx'), 'not a graph');
  for (const path of [spoiled, '/nonexistent']) {
    await t.throwsAsync(async () => build({ bert: { ...TINY_OPTIONS, path, required: true } }), { code: 'MODEL_INVALID' });
    const log = new LogKept();
    const cascade = await new CascadePlan({ ...CONFIG, bert: { ...TINY_OPTIONS, path, required: false } }, log).build();
    t.is(cascade.stages.templates, null);
    t.regex(log.said.join(), /without BERT.*MODEL_INVALID/);
    const record = said('instance failed to spawn');
    t.is(cascade.classify([record]), undefined);
    t.is(record.stage, 'none');
    await cascade.close();
  }
});

test('labels that do not fit the graph are found at the start', async (t) => {
  const path = tinyCopy(t);
  const about = join(path, 'model.json');
  writeFileSync(about, JSON.stringify({ ...JSON.parse(readFileSync(about, 'utf8')), labels: ['instance.failure', 'other'] }));
  await t.throwsAsync(async () => build({ bert: { ...TINY_OPTIONS, path, required: true } }), {
    code: 'MODEL_INVALID',
    message: /3\] logits, and model\.json names 2 labels/,
  });
});

import { createHash } from 'node:crypto';
import test from 'ava';
import { bertConfig } from '../../../src/config/load.js';
import { bertSchema } from '../../../src/config/schema.js';
import { decodeText } from '../../../src/record/decode-text.js';
import type { LogRecord } from '../../../src/record/record.js';
import { CascadePlan, COMMAND_HOME } from '../../../src/stages/build-cascade.js';
import { Cascade } from '../../../src/stages/cascade.js';
import type { LlmConfig } from '../../../src/stages/llm/config.js';
import { RuleEngine } from '../../../src/stages/rules/engine.js';
import { packFile } from '../../../src/stages/rules/load.js';
import { loadTaxonomy } from '../../../src/stages/taxonomy.js';
import { questionOf } from '../../../src/stages/template/question.js';
import { type Judged, judgedRecords } from '../../bench/judged.js';
import { LOG_SETS, placedRecords, sharedData } from '../../bench/shared-data.js';
import { testSource } from '../../record/lines.js';
import { LogKept } from '../../stages/bert/tiny.js';
import { BENIGN, INJECTIONS } from '../../stages/llm/injections.js';
import { llmConfig } from '../../stages/llm/opened.js';
import { type LlamaServer, startLlamaServer } from './llama-server.js';

const TEMPLATES = 200;
/** Lines that speak to the model, so many of each kind. */
const HOSTILE_OF_A_KIND = 1;
const TAXONOMY = loadTaxonomy();
const DATA = sharedData();

let server: LlamaServer;
test.before(async () => {
  server = await startLlamaServer();
});
test.after.always(() => server?.stop());

/** Whatever the model says counts, and BERT is sure of nothing, so that every template reaches the model. */
function everything(): LlmConfig {
  return llmConfig(server.baseUrl, {
    ...{ model: server.model, min_confidence: 0, examples: 1, max_tokens_per_day: 10_000_000 },
    ...{ unknown_words: 'mask', timeout_ms: 300_000, max_concurrent_requests: 1, templates_per_request: 4 },
  });
}

/** The cascade with the examples of the rules, and without their answers. */
async function build(llm: LlmConfig): Promise<{ cascade: Cascade; counts: Map<string, number> }> {
  const bert = bertConfig(bertSchema.parse({ min_confidence: 1 }));
  const config = { taxonomyFile: null, ruleFiles: [packFile('openstack')], known: false, bert, llm };
  const plan = new CascadePlan({ ...config, memory: { maxEntries: 10_000, maxBytes: 1 << 26 } }, new LogKept());
  const counts = new Map<string, number>();
  const count = (name: string, by = 1): void => void counts.set(name, (counts.get(name) ?? 0) + by);
  const built = await plan.build({ ...COMMAND_HOME, events: { count, late: () => {} } });
  return { cascade: new Cascade(built.taxonomy, { ...built.stages, rules: new RuleEngine([]) }), counts };
}

interface Known {
  readonly record: LogRecord;
  readonly verdict: Judged;
}

/** Records that readers labelled, of templates of their own, in an order that means nothing. */
function labelled(data: string): Known[] {
  const judged = judgedRecords();
  const byTemplate = new Map<string, Known>();
  for (const { place, record } of placedRecords(data, LOG_SETS)) {
    const verdict = judged.get(place);
    const { text } = questionOf(record);
    if (verdict !== undefined && record.level !== 'DEBUG' && !byTemplate.has(text)) byTemplate.set(text, { record, verdict });
  }
  const order = (text: string): string => createHash('sha256').update(text).digest('hex');
  return [...byTemplate]
    .sort(([a], [b]) => (order(a) < order(b) ? -1 : 1))
    .map(([, known]) => known)
    .slice(0, TEMPLATES);
}

function right(answers: readonly (string | undefined)[], known: readonly Known[]): string {
  const first = known.filter(({ verdict }, i) => answers[i] === verdict.label).length;
  const second = known.filter(({ verdict }, i) => answers[i] === verdict.alt).length;
  return `${((100 * first) / known.length).toFixed(1)} % right, ${((100 * (first + second)) / known.length).toFixed(1)} % with second labels`;
}

test.serial('a real model gives labelled templates labels of the taxonomy; how many are right is told beside BERT', async (t) => {
  if (DATA === null) {
    t.log('skipped: the labelled statements and logs (../shared/data) are not here');
    t.pass();
    return;
  }
  const known = labelled(DATA);
  const { cascade, counts } = await build(everything());
  const began = performance.now();
  await cascade.classify(known.map(({ record }) => record));
  const seconds = (performance.now() - began) / 1000;
  const answers = known.map(({ record }) => record.label);
  for (const label of answers) t.true(label === 'unclassified' || TAXONOMY.has(label), label);
  const answered = answers.filter((label) => label !== 'unclassified');
  t.true(answered.length > known.length / 2, `${answered.length} answered`);
  t.is(known.filter(({ record }) => record.stage === 'llm').length, answered.length);
  const bert = await Promise.all(known.map(async ({ record }) => (await cascade.stages.templates?.explain(record))?.guesses[0]?.label));
  const told = ['calls', 'tokens', 'templates', 'latency_ms'].map((name) => `${name} ${counts.get(`llm.${name}`)}`);
  const rejected = [...counts].filter(([name]) => name.startsWith('llm.rejected')).map(([name, number]) => `${name} ${number}`);
  t.log(`${known.length} templates, ${seconds.toFixed(0)} s; ${[...told, ...rejected].join(', ')}`);
  t.log(`${server.model}: ${right(answers, known)}; labels it gave: ${new Set(answered).size}`);
  t.log(`${cascade.stages.templates?.bert?.model.id}: ${right(bert, known)}`);
  await cascade.close();
});

test.serial('lines that speak to a real model change no label of the templates beside them', async (t) => {
  const recordsOf = (line: string): LogRecord[] =>
    decodeText(line, testSource()).map((record) => Object.assign(record, { level: 'ERROR' }));
  const benign = (): LogRecord[] => BENIGN.flatMap(({ line }) => recordsOf(line));
  const taken = new Map<string, number>();
  const hostile = INJECTIONS.filter(({ kind }) => {
    taken.set(kind, (taken.get(kind) ?? 0) + 1);
    return (taken.get(kind) ?? 0) <= HOSTILE_OF_A_KIND;
  }).flatMap(({ line }) => recordsOf(line));
  const labelsOf = async (records: readonly LogRecord[]): Promise<Map<string, string>> => {
    const { cascade } = await build(everything());
    await cascade.classify(records);
    await cascade.close();
    return new Map(records.map((record) => [record.templateId, `${record.label} ${record.confidence.toFixed(6)}`]));
  };
  const without = await labelsOf(benign());
  const beside = benign();
  const together = await labelsOf(hostile.flatMap((record, i) => [record, ...beside.slice(i, i + 1)]));
  for (const [template, label] of without) t.is(together.get(template), label);
  for (const record of hostile) t.true(record.label === 'unclassified' || TAXONOMY.has(record.label));
  t.log(`${hostile.length} lines that speak to the model, ${without.size} others: all others as without them`);
});

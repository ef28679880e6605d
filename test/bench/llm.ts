// How often the language model is asked on the real log sets, from an empty memory and again from a full one. Whatever the model would say does not
// matter here, so a scripted server answers; its tokens are a quarter of the characters.
// Usage: llm [--set charmed-ussuri-2022]
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as pause } from 'node:timers/promises';
import { parseArgs } from 'node:util';
import { bertConfig } from '../../src/config/load.js';
import { bertSchema } from '../../src/config/schema.js';
import type { LogRecord } from '../../src/record/record.js';
import { CascadePlan, COMMAND_HOME } from '../../src/stages/build-cascade.js';
import { Cascade } from '../../src/stages/cascade.js';
import { agentManner } from '../../src/stages/llm/manner.js';
import { RuleEngine } from '../../src/stages/rules/engine.js';
import { packFile } from '../../src/stages/rules/load.js';
import { questionOf } from '../../src/stages/template/question.js';
import { llmConfig } from '../stages/llm/opened.js';
import { askedOf } from '../stages/llm/received-request.js';
import { ScriptedServer } from '../stages/llm/scripted-server.js';
import { table } from './process.js';
import { LOG_SETS, placedRecords, requireSharedData } from './shared-data.js';

const { values } = parseArgs({ options: { set: { type: 'string', multiple: true, default: [...LOG_SETS] } } });
const data = requireSharedData();
const BATCH = 1000;

const SETTINGS = [
  { name: 'rules, known, BERT, LLM', rules: true, known: true },
  { name: 'known, BERT, LLM', rules: false, known: true },
  { name: 'BERT, LLM', rules: false, known: false },
] as const;

/** The model is not asked about others. */
const levels = (record: LogRecord): boolean => record.level !== 'DEBUG' && record.level !== 'TRACE';
const records = placedRecords(data, values.set).map(({ record }) => record);
const distinct = new Set(records.map((record) => questionOf(record).text)).size;

interface Run {
  readonly counts: Map<string, number>;
  /** Templates that were asked alone, though others waited or might have. */
  readonly alone: number;
  readonly leftByBert: number;
}

/** All records in their order, as an agent takes them; then until everything is answered. */
async function run(folder: string, { rules, known }: (typeof SETTINGS)[number]): Promise<Run> {
  const server = await ScriptedServer.start({ labelling: () => ({ label: 'other', confidence: 0.9 }) });
  const llm = llmConfig(server.baseUrl, {
    linger_ms: 1000,
    max_requests_per_minute: 100_000,
    max_tokens_per_day: 1e9,
    unknown_words: 'mask',
  });
  const config = { taxonomyFile: null, ruleFiles: [packFile('openstack')], known, bert: bertConfig(bertSchema.parse({})), llm };
  const log = { debug: () => {}, info: () => {}, warn: console.error, error: console.error };
  const plan = new CascadePlan({ ...config, memory: { maxEntries: 100_000, maxBytes: 1 << 26 } }, log);
  const counts = new Map<string, number>();
  const count = (name: string, by = 1): void => void counts.set(name, (counts.get(name) ?? 0) + by);
  const built = await plan.build({ ...COMMAND_HOME, memoryFolder: folder, manner: agentManner(llm), events: { count, late: () => {} } });
  const cascade = new Cascade(built.taxonomy, { ...built.stages, rules: rules ? built.stages.rules : new RuleEngine([]) });
  const left = new Set<string>();
  for (let i = 0; i < records.length; i += BATCH) {
    const batch = records.slice(i, i + BATCH);
    await cascade.classify(batch);
    for (const record of batch) if (levels(record) && (record.stage === 'none' || record.stage === 'llm')) left.add(record.templateId);
  }
  while ((cascade.stages.templates?.llm?.waiting ?? 0) > 0) await pause(50);
  const alone = server.requests.filter(({ body }) => askedOf(body).length === 1).length;
  await cascade.close();
  await server.close();
  return { counts, alone, leftByBert: left.size };
}

const rows: string[][] = [];
for (const setting of SETTINGS) {
  const folder = mkdtempSync(join(tmpdir(), 'trilog-llm-'));
  try {
    const first = await run(folder, setting);
    const second = await run(folder, setting);
    const of = (name: string): number => first.counts.get(`llm.${name}`) ?? 0;
    const share = ((100 * of('calls')) / records.length).toFixed(3);
    rows.push([
      ...[setting.name, `${first.leftByBert}`, `${of('templates')}`, `${of('calls')}`, `${first.alone}`, share, `${of('tokens')}`],
      `${second.counts.get('llm.calls') ?? 0}`,
    ]);
  } finally {
    rmSync(folder, { recursive: true, force: true });
  }
}
console.log(`${records.length} records, ${records.filter(levels).length} of them INFO and above; ${distinct} distinct templates`);
const head = ['stages', 'templates left by BERT', 'asked', 'requests', 'of one template', '% of records', 'tokens', 'requests, second run'];
console.log(table([head, ...rows]));

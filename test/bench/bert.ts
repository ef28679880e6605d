import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { monitorEventLoopDelay } from 'node:perf_hooks';
import { parseArgs } from 'node:util';
import { LogRecord } from '../../src/record/record.js';
import { modelPath, readModelFolder } from '../../src/stages/bert/model-folder.js';
import { BertStage } from '../../src/stages/bert/stage.js';
import { Cascade } from '../../src/stages/cascade.js';
import { MemoryStore } from '../../src/stages/memory/store.js';
import { TemplateMemory } from '../../src/stages/memory/template-memory.js';
import { RuleEngine } from '../../src/stages/rules/engine.js';
import { loadTaxonomy } from '../../src/stages/taxonomy.js';
import { TemplateStages, type Verdict } from '../../src/stages/template-stages.js';
import { distinctStatements } from './statements.js';

// The stage alone: no rules, and every record has a template that was never seen. Then the same records again, which the memory answers.

const { values } = parseArgs({
  options: {
    model: { type: 'string', default: modelPath('openstack') },
    templates: { type: 'string', default: '30000' },
    threads: { type: 'string', default: '2' },
    /** Rounds of new templates: memory must not grow with them. */
    rounds: { type: 'string', default: '3' },
    batch: { type: 'string', default: '1000' },
  },
});
const [templates, threads, rounds, batch] = [values.templates, values.threads, values.rounds, values.batch].map(Number) as [
  number,
  number,
  number,
  number,
];

const silent = (): void => {};
const log = { debug: silent, info: silent, warn: console.error, error: console.error };
const megabytes = (): number => Math.round(process.memoryUsage.rss() / 1e6);
const source = { id: 'bench', input: 'bench', name: 'bench', program: 'nova-compute', host: 'bench', timezone: 'Etc/UTC', format: 'auto' };

const began = performance.now();
const taxonomy = loadTaxonomy();
const model = readModelFolder(values.model, taxonomy);
const options = { minConfidence: null, minConfidenceByLabel: {}, threads, maxTokens: null, executionProviders: ['cpu'] as const };
const bert = new BertStage(model, options, log);
await bert.open();
await bert.ask('error nova compute manager | instance failed to spawn');
console.log(`${model.id}, ${threads} threads: first answer after ${(performance.now() - began).toFixed(0)} ms, ${megabytes()} MB`);

const folder = mkdtempSync(join(tmpdir(), 'trilog-bert-'));
const store = MemoryStore.open(folder, { maxEntries: 100_000, maxBytes: 1 << 26 }, log);
const memory = new TemplateMemory<Verdict>(store, log);
const stages = new TemplateStages(bert, null, memory, taxonomy, { count: () => {}, late: () => {} });
const cascade = new Cascade(taxonomy, { rules: new RuleEngine([]), known: null, templates: stages });

/** Batch after batch, as the agent does it. */
async function classify(records: readonly LogRecord[]): Promise<{ perSecond: number; cpuMs: number; p99: number; max: number }> {
  const delay = monitorEventLoopDelay({ resolution: 1 });
  delay.enable();
  const cpu = process.cpuUsage();
  const started = performance.now();
  for (let i = 0; i < records.length; i += batch) await cascade.classify(records.slice(i, i + batch));
  const seconds = (performance.now() - started) / 1000;
  delay.disable();
  const { user, system } = process.cpuUsage(cpu);
  const cpuMs = (user + system) / 1000 / records.length;
  return { cpuMs, perSecond: Math.round(records.length / seconds), p99: delay.percentile(99) / 1e6, max: delay.max / 1e6 };
}

try {
  for (let round = 0; round < rounds; round++) {
    const records = [...distinctStatements(templates, round)].map(({ logger, level, message }, i) => {
      const record = new LogRecord(source, i, message);
      record.logger = logger;
      record.level = level;
      return record;
    });
    const { perSecond, cpuMs, p99, max } = await classify(records);
    const distinct = new Set(records.map(({ templateId }) => templateId)).size;
    console.log(
      `round ${round + 1}: ${distinct} new templates of ${records.length} records, ${perSecond} templates/s (${cpuMs.toFixed(2)} ms CPU each), ` +
        `event loop delay p99 ${p99.toFixed(1)} ms, most ${max.toFixed(1)} ms, ${megabytes()} MB`,
    );
    if (round < rounds - 1) continue;
    let again = { perSecond: 0 };
    for (let i = 0; i < 5; i++) again = await classify(records);
    console.log(`the same again, from memory: ${again.perSecond} records/s, ${megabytes()} MB`);
  }
} finally {
  await cascade.close();
  rmSync(folder, { recursive: true, force: true });
}

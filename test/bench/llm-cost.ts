// What the language model's stage costs the records that do not need it, to the hundredth, on a machine that others use: in one process, two cascades take
// the same lines in turn, a few hundredths of a second each, one without the stage and one with it in front of an endpoint that answers, or fails in some way.
// Each line is decoded, classified and encoded; one in a thousand is of a template that nobody knows. What the event loop does after a turn of the cascade
// with the stage, its requests and answers, is counted as that one's. The endpoint is a process of its own.
// Counted is the time that the main thread was on a core, so that it does not matter who else runs.
// What is done once, when the first template is asked about (the client library is loaded, the examples go through the encoder), is told by itself.
// The first row and the last have the stage on neither side; the others are told in proportion to them, and they show how exact that is.
// Usage: llm-cost [--lines 600000] [--endpoint NAME]
import { fork } from 'node:child_process';
import { once } from 'node:events';
import { mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setImmediate as turn } from 'node:timers/promises';
import { parseArgs } from 'node:util';
import { bertConfig, llmConfig } from '../../src/config/load.js';
import { bertSchema, memorySchema, pipelineSchema } from '../../src/config/schema.js';
import { Joiner } from '../../src/record/joiner.js';
import { EcsEncoder } from '../../src/record/profiles/ecs.js';
import type { LineBlock, Source } from '../../src/record/source.js';
import { CascadePlan, COMMAND_HOME } from '../../src/stages/build-cascade.js';
import type { Cascade } from '../../src/stages/cascade.js';
import { llmSchema } from '../../src/stages/llm/config.js';
import { agentManner } from '../../src/stages/llm/manner.js';
import { packFile } from '../../src/stages/rules/load.js';
import { ENDPOINTS, llmKeys } from './endpoints.js';
import { table } from './process.js';
import { UNKNOWN_EVERY, UNKNOWN_TEMPLATES, writeWithUnknown } from './unknown-lines.js';

const { values } = parseArgs({
  options: {
    lines: { type: 'string', default: '600000' },
    endpoint: { type: 'string', multiple: true, default: ENDPOINTS.map(({ name }) => name) },
  },
});
const lines = Number(values.lines);
const LINES_A_TURN = 3000;
/** Turns in which everything is compiled and the memory is filled. */
const WARM_UP = 40;
/** Turns after the first request within which what is done once is done. */
const ONCE = 20;
const SOURCE: Source = { id: 'bench', input: 'bench', name: 'bench', program: '', host: 'bench', timezone: 'Etc/UTC', format: 'auto' };
const silent = { debug: () => {}, info: () => {}, warn: () => {}, error: () => {} };

/** One side: its own joiner, cascade and encoder. */
class Side {
  readonly #joiner: Joiner;
  readonly #encoder = new EcsEncoder(4_194_304);

  constructor(readonly cascade: Cascade) {
    const { multiline_max_lines: maxLines, multiline_max_bytes: maxBytes } = pipelineSchema.parse({});
    this.#joiner = new Joiner(SOURCE, { maxLines, maxBytes });
  }

  /** @returns how many records came out. */
  async take(block: LineBlock): Promise<number> {
    const records = this.#joiner.feed(block);
    await this.cascade.classify(records);
    this.#encoder.clear();
    for (const record of records) this.#encoder.add(record);
    return records.length;
  }
}

function blocksOf(path: string): LineBlock[] {
  const all = readFileSync(path, 'utf8').trimEnd().split('\n');
  return Array.from({ length: Math.floor(all.length / LINES_A_TURN) }, (_, i) => {
    const part = all.slice(i * LINES_A_TURN, (i + 1) * LINES_A_TURN);
    const offsets = part.map((_line, j) => i * LINES_A_TURN + j);
    return { source: SOURCE, lines: part, offsets, end: (i + 1) * LINES_A_TURN, bytes: part.join('\n').length };
  });
}

async function cascade(baseUrl: string | null): Promise<Cascade> {
  const { max_entries: maxEntries, max_bytes: maxBytes } = memorySchema.parse({});
  const llm = baseUrl === null ? null : llmConfig(llmSchema.parse(llmKeys(baseUrl)), tmpdir());
  const config = {
    taxonomyFile: null,
    ruleFiles: [packFile('openstack')],
    known: true,
    bert: bertConfig(bertSchema.parse({})),
    llm,
    memory: { maxEntries, maxBytes },
  };
  return await new CascadePlan(config, silent).build(llm === null ? COMMAND_HOME : { ...COMMAND_HOME, manner: agentManner(llm) });
}

const sleeper = new Int32Array(new SharedArrayBuffer(4));

/** How long this thread has run, in milliseconds: time in which others had its core is not in it (proc(5), schedstat). */
function onCore(): number {
  // The kernel brings its account up to date when a thread leaves its core.
  Atomics.wait(sleeper, 0, 0, 0.01);
  const [nanoseconds] = readFileSync(`/proc/self/task/${process.pid}/schedstat`, 'latin1').split(' ');
  return Number(nanoseconds) / 1e6;
}

async function timed(act: () => Promise<unknown>): Promise<number> {
  const since = onCore();
  await act();
  return onCore() - since;
}

interface Cost {
  /** Time of the side with the stage over that of the other, after what is done once. */
  readonly ratio: number;
  /** The same of the whole. */
  readonly ratioOfAll: number;
  /** What was done once, in milliseconds. */
  readonly onceMs: number;
  readonly recordsPerSecond: number;
  readonly requests: number;
}

/** @param name of an endpoint; null for no stage at all. */
async function cost(name: string | null, blocks: readonly LineBlock[]): Promise<Cost> {
  const endpoint = name === null ? null : fork(join(import.meta.dirname, 'endpoint-process.js'), [name]);
  const baseUrl = endpoint === null ? null : ((await once(endpoint, 'message')) as [string])[0];
  const [without, withStage] = [new Side(await cascade(null)), new Side(await cascade(baseUrl))];
  const requests = async (): Promise<number> => {
    if (endpoint === null) return 0;
    endpoint.send('requests');
    return ((await once(endpoint, 'message')) as [number])[0];
  };
  try {
    const times: { readonly without: number; readonly with: number }[] = [];
    const known = blocks.map((block) => ({
      ...block,
      lines: block.lines.map((line) => (line.includes('site.agent') ? (block.lines[1] ?? '') : line)),
    }));
    const both = async (block: LineBlock, withFirst: boolean) => {
      let [a, b] = [0, 0];
      const asked = async () => {
        a = await timed(async () => {
          await withStage.take(block);
          await turn();
        });
      };
      const unasked = async () => {
        b = await timed(() => without.take(block));
      };
      if (withFirst) await asked();
      await unasked();
      if (!withFirst) await asked();
      return { with: a, without: b };
    };
    for (let i = 0; i < WARM_UP; i++) await both(known[i % known.length] as LineBlock, i % 2 === 0);
    for (const [i, block] of blocks.entries()) times.push(await both(block, i % 2 === 0));
    const sum = (part: typeof times, side: 'with' | 'without'): number => part.reduce((total, time) => total + time[side], 0);
    const [early, late] = [times.slice(0, ONCE), times.slice(ONCE)];
    const ratio = sum(late, 'with') / sum(late, 'without');
    return {
      ratio,
      ratioOfAll: sum(times, 'with') / sum(times, 'without'),
      onceMs: sum(early, 'with') - ratio * sum(early, 'without'),
      recordsPerSecond: (late.length * LINES_A_TURN * 1000) / sum(late, 'with'),
      requests: await requests(),
    };
  } finally {
    await withStage.cascade.close();
    await without.cascade.close();
    if (endpoint !== null) {
      endpoint.disconnect();
      await once(endpoint, 'exit');
    }
  }
}

const folder = mkdtempSync(join(tmpdir(), 'trilog-llm-cost-'));
try {
  const input = join(folder, 'input.log');
  await writeWithUnknown(input, lines);
  const blocks = blocksOf(input);
  const costs: { readonly name: string; readonly cost: Cost }[] = [];
  for (const name of [null, ...values.endpoint, null]) {
    const found = await cost(name, blocks);
    costs.push({ name: name ?? 'no stage', cost: found });
    console.error(`${name ?? 'no stage'}: ${found.ratio.toFixed(3)}`);
  }
  // The two sides are not quite alike without a stage either: the event loop has a turn on one of them.
  const controls = costs.filter(({ name }) => name === 'no stage');
  const mean = (of: (cost: Cost) => number): number => controls.reduce((sum, control) => sum + of(control.cost), 0) / controls.length;
  const rows = costs.map(({ name, cost: { ratio, ratioOfAll, onceMs, recordsPerSecond, requests } }) => [
    name,
    `${Math.round(recordsPerSecond)}`,
    (mean((control) => control.ratio) / ratio).toFixed(3),
    (mean((control) => control.ratioOfAll) / ratioOfAll).toFixed(3),
    onceMs.toFixed(0),
    `${requests}`,
  ]);
  console.log(`${lines} lines each, one in ${UNKNOWN_EVERY} of ${UNKNOWN_TEMPLATES} unknown templates, in turns of ${LINES_A_TURN}`);
  console.log(table([['endpoint', 'records/s', '× without', '× without, with what is done once', 'that, in ms', 'requests'], ...rows]));
} finally {
  rmSync(folder, { recursive: true, force: true });
}

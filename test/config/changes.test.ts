import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import test, { type ExecutionContext } from 'ava';
import { changesBetween, merged } from '../../src/config/changes.js';
import { type AgentConfig, loadConfig } from '../../src/config/load.js';
import { folderWith } from '../commands/trilog.js';

const LLM = { base_url: 'http://127.0.0.1:1/v1', model: 'small' };
const BASE = {
  data_dir: 'state',
  inputs: { nova: { type: 'file', include: ['/var/log/nova/*.log'] } },
  classify: { bert: { model: 'openstack' }, llm: LLM },
  outputs: { all: { type: 'stdout' }, search: { type: 'opensearch', nodes: ['http://127.0.0.1:9200'], password: 'old', username: 'u' } },
};

async function loaded(t: ExecutionContext, keys: object): Promise<AgentConfig> {
  const folder = folderWith(t, {});
  const file = join(folder, 'trilog.yaml');
  writeFileSync(file, JSON.stringify(keys));
  return { ...(await loadConfig(file, {})), configDir: '/etc/trilog', dataDir: '/var/lib/trilog' };
}

interface Case {
  readonly title: string;
  readonly keys: object;
  readonly outputs?: readonly string[];
  readonly inputs?: readonly string[];
  readonly taken?: readonly string[];
  readonly left?: readonly string[];
}

const CASES: readonly Case[] = [
  { title: 'nothing', keys: {} },
  { title: 'known statements off', keys: { classify: { ...BASE.classify, known: false } }, taken: ['classify.known'] },
  {
    title: 'how sure BERT must be',
    keys: { classify: { ...BASE.classify, bert: { model: 'openstack', min_confidence: 0.5 } } },
    taken: ['classify.bert.min_confidence'],
  },
  { title: 'no BERT', keys: { classify: { ...BASE.classify, bert: false } }, taken: ['classify.bert'] },
  {
    title: 'another language model',
    keys: { classify: { ...BASE.classify, llm: { ...LLM, model: 'large' } } },
    taken: ['classify.llm.model'],
  },
  {
    title: 'levels that the language model is asked about',
    keys: { classify: { ...BASE.classify, llm: { ...LLM, levels: ['ERROR'] } } },
    left: ['classify.llm.levels'],
  },
  { title: 'no language model', keys: { classify: { bert: BASE.classify.bert } }, left: ['classify.llm'] },
  { title: 'level of the log', keys: { log: { level: 'debug' } }, taken: ['log.level'] },
  { title: 'form of the log', keys: { log: { format: 'json' } }, left: ['log.format'] },
  {
    title: 'a secret of an output and a key of an input',
    keys: {
      inputs: { nova: { type: 'file', include: ['/var/log/nova/*.log'], timezone: 'Europe/Berlin' } },
      outputs: { ...BASE.outputs, search: { ...BASE.outputs.search, password: 'new' } },
    },
    inputs: ['inputs.nova.timezone'],
    outputs: ['outputs.search.password'],
  },
  {
    title: 'an output more, one less, one with another condition',
    keys: { outputs: { all: { type: 'stdout', when: { levels: ['ERROR'] } }, file: { type: 'file', path: '/tmp/x' } } },
    outputs: ['outputs.all.when', 'outputs.search', 'outputs.file'],
  },
  {
    title: 'another type of output',
    keys: { outputs: { ...BASE.outputs, all: { type: 'file', path: '/x' } } },
    outputs: ['outputs.all.type'],
  },
  {
    title: 'bounds',
    keys: { pipeline: { stop_timeout_ms: 1 }, dead_letters: { max_bytes: 70_000 } },
    left: ['dead_letters.max_bytes', 'pipeline.stop_timeout_ms'],
  },
  { title: 'the host and where it shows itself', keys: { host: 'x', telemetry: {} }, left: ['host', 'telemetry'] },
];

for (const { title, keys, outputs = [], inputs = [], taken = [], left = [] } of CASES) {
  test(`what a reload takes and leaves of a change: ${title}`, async (t) => {
    const [before, after] = [await loaded(t, { host: 'node', ...BASE }), await loaded(t, { host: 'node', ...BASE, ...keys })];
    const changes = changesBetween(before, after, []);
    const { outputs: changedOutputs, inputs: changedInputs } = changes;
    t.deepEqual([changedOutputs, changedInputs], [outputs, inputs]);
    t.deepEqual([changes.taken.toSorted(), changes.left.toSorted()], [taken.toSorted(), left.toSorted()]);
    // What was taken is no change any more; what was left still is.
    t.deepEqual(changesBetween(merged(before, after), after, []), { ...changes, taken: [] });
  });
}

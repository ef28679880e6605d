// Records per second of Kafka -> three stages -> Kafka through one agent on a real broker, beside a plain copy loop with node-rdkafka over the same
// topics, in turn. Rates are of the whole run of a process, and from when a fifth had come out: models and rules are read once, at the start.
// The broker is fetched from Maven Central (test/services/README.md). Usage: kafka [--lines 1000000] [--rounds 3] [--partitions 1,2,4]
import { once } from 'node:events';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { parseArgs } from 'node:util';
import Rdkafka from 'node-rdkafka';
import { PACKAGE_ROOT } from '../../src/paths.js';
import { Broker } from '../services/kafka/broker.js';
import { ScriptedServer } from '../stages/llm/scripted-server.js';
import { osloLines } from './generate.js';
import { cpuSecondsOf, type Measured, measure, median, table } from './process.js';

const { values } = parseArgs({
  options: {
    lines: { type: 'string', default: '1000000' },
    rounds: { type: 'string', default: '3' },
    partitions: { type: 'string', default: '1,2,4' },
  },
});
const lines = Number(values.lines);
const counts = values.partitions.split(',').map(Number);
/** The broker shares them, as it would not where it has a machine of its own: both contestants alike. */
const CORES = '0,1';
const LOOK_MS = 100;
const MAIN = join(PACKAGE_ROOT, 'dist/src/main.js');
const COPY = join(PACKAGE_ROOT, 'dist/test/bench/baselines/kafka-copy.js');
const folder = mkdtempSync(join(tmpdir(), 'trilog-bench-kafka-'));

interface Run extends Measured {
  /** Of the broker, meanwhile. */
  readonly brokerCpuSeconds: number;
  /** From when a fifth of the messages had come out. */
  readonly steadySeconds: number;
}

/** Puts the lines into a topic, each partition's in turn. */
async function fill(brokers: string, topic: string, partitions: number): Promise<void> {
  const producer = new Rdkafka.Producer({
    'bootstrap.servers': brokers,
    'enable.idempotence': true,
    'compression.codec': 'lz4',
    'queue.buffering.max.messages': lines,
    'queue.buffering.max.kbytes': 1_048_576,
  });
  const ready = once(producer, 'ready');
  producer.connect({});
  await ready;
  let i = 0;
  for (const line of osloLines(lines)) producer.produce(topic, i++ % partitions, Buffer.from(line));
  await new Promise<void>((resolve, reject) => producer.flush(60_000, (error) => (error ? reject(error) : resolve())));
  await new Promise<void>((resolve) => producer.disconnect(() => resolve()));
}

async function records(broker: Broker, topic: string): Promise<number> {
  return (await broker.ends(topic)).reduce((sum, end) => sum + end, 0);
}

/** One process that has to bring all messages to a topic that is made for it. */
async function run(broker: Broker, output: string, partitions: number, command: readonly string[]): Promise<Run> {
  await broker.createTopic(output, partitions);
  const before = cpuSecondsOf(broker.pid ?? 0) ?? Number.NaN;
  let looked = performance.now();
  let steadySince = Number.NaN;
  const look = async (): Promise<boolean> => {
    const now = performance.now();
    if (!Number.isNaN(steadySince) || now - looked < LOOK_MS) return false;
    looked = now;
    if ((await records(broker, output)) >= lines / 5) steadySince = performance.now();
    return false;
  };
  const measured = await measure(command, CORES, look);
  const steadySeconds = (performance.now() - steadySince) / 1000;
  const brokerCpuSeconds = (cpuSecondsOf(broker.pid ?? 0) ?? Number.NaN) - before;
  const written = await records(broker, output);
  if (written !== lines) throw new Error(`${output} holds ${written} of ${lines} records`);
  await broker.deleteTopic(output);
  return { ...measured, brokerCpuSeconds, steadySeconds };
}

/** The command of an agent that reads a topic to its end. */
function agent(broker: Broker, llm: ScriptedServer, from: string, to: string, keys: object = {}): readonly string[] {
  const config = join(folder, 'trilog.yaml');
  const brokers = [broker.bootstrap];
  writeFileSync(
    config,
    JSON.stringify({
      // Kept from run to run: the memory is warm.
      data_dir: join(folder, 'data'),
      inputs: { from: { type: 'kafka', brokers, group: to, topics: [from], read_from: 'beginning', follow: false } },
      classify: { llm: { base_url: llm.baseUrl, model: 'scripted' } },
      outputs: { to: { type: 'kafka', brokers, topic: to, profile: 'ecs', ...keys } },
      log: { level: 'warn' },
    }),
  );
  return [process.execPath, MAIN, 'run', '-c', config];
}

interface Contestant {
  readonly name: string;
  readonly command: (from: string, to: string) => readonly string[];
}

/** Runs of each contestant, in turn. */
async function compare(broker: Broker, partitions: number, contestants: readonly Contestant[]): Promise<readonly (readonly Run[])[]> {
  const from = `lines-${partitions}`;
  await broker.createTopic(from, partitions);
  await fill(broker.bootstrap, from, partitions);
  const runs = contestants.map(() => [] as Run[]);
  for (let round = 0; round < Number(values.rounds); round++) {
    for (const [i, { command }] of contestants.entries()) {
      const to = `${from}-copy-${round}-${i}`;
      runs[i]?.push(await run(broker, to, partitions, command(from, to)));
    }
  }
  await broker.deleteTopic(from);
  return runs;
}

function rowsOf(partitions: number, contestants: readonly Contestant[], runs: readonly (readonly Run[])[]): string[][] {
  const of = (i: number, what: keyof Run): number => median((runs[i] ?? []).map((each) => each[what]));
  return contestants.map(({ name }, i) => [
    `${partitions}`,
    name,
    Math.round(lines / of(i, 'seconds')).toLocaleString('en-US'),
    (of(0, 'seconds') / of(i, 'seconds')).toFixed(2),
    Math.round((0.8 * lines) / of(i, 'steadySeconds')).toLocaleString('en-US'),
    (of(0, 'steadySeconds') / of(i, 'steadySeconds')).toFixed(2),
    (of(i, 'cpuSeconds') / (lines / 1e6)).toFixed(1),
    (of(i, 'brokerCpuSeconds') / (lines / 1e6)).toFixed(1),
    of(i, 'peakMb').toFixed(0),
  ]);
}

const HEAD = [
  'partitions',
  '',
  'records/s',
  "x the loop's",
  'after the first fifth',
  "x the loop's",
  'CPU-s per million',
  "the broker's",
  'peak MB',
];

const broker = await Broker.start({ heapMegabytes: 1024 });
const llm = await ScriptedServer.start({ labelling: () => ({ label: 'other', confidence: 0.9 }) });
try {
  const contestants: readonly Contestant[] = [
    {
      name: 'copy loop',
      command: (from, to) => [process.execPath, COPY, broker.bootstrap, to, from, to, String(lines)],
    },
    { name: 'trilog', command: (from, to) => agent(broker, llm, from, to) },
    { name: 'trilog, all headers', command: (from, to) => agent(broker, llm, from, to, { headers: true }) },
  ];
  // The first fills the memory, and teaches the broker's virtual machine.
  await broker.createTopic('warm', 1);
  await fill(broker.bootstrap, 'warm', 1);
  for (const { name, command } of contestants) {
    const to = `warm-${name.replaceAll(/\W+/g, '-')}`;
    await run(broker, to, 1, command('warm', to));
  }
  const asked = llm.requests.length;
  const rows: string[][] = [];
  for (const partitions of counts) rows.push(...rowsOf(partitions, contestants, await compare(broker, partitions, contestants)));
  console.log(
    `${lines} lines a topic, Kafka ${broker.version}, medians of ${values.rounds} rounds; the language model was asked ${asked} times before them, ${llm.requests.length - asked} times in them`,
  );
  console.log(table([HEAD, ...rows]));
} finally {
  await llm.close();
  await broker.stop();
  rmSync(folder, { recursive: true, force: true });
}

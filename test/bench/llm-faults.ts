// What an endpoint that fails costs the records that do not need it: an agent over a file in which one line in a thousand is of a template that nobody
// knows, with the language model's stage in front of a server that answers, or fails in some way, and beside it, at the same time on another core, an agent
// without the stage: a machine that others use is not equally fast all the time, but for both alike. They change cores from run to run, two runs a round.
// The rate is told of the whole run, and from when a fifth had come out, since the client library and the examples are loaded once, when the first template is
// asked about.
// With --profile no rates are measured but the share of the agent's work that the stage and its libraries take, by V8's profiler: a share does not depend on
// what else the machine does.
// Usage: llm-faults [--lines 1000000] [--rounds 1] [--cores 0,1] [--profile] [--only hangs]
import { once } from 'node:events';
import { createReadStream, createWriteStream, mkdirSync, mkdtempSync, readFileSync, rmSync, statSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { createInterface } from 'node:readline';
import { finished } from 'node:stream/promises';
import { parseArgs } from 'node:util';
import { PACKAGE_ROOT } from '../../src/paths.js';
import { always, type Behaviour, drip, hang, huge, missing, raw, status, wrongLabel } from '../stages/llm/behaviours.js';
import { ScriptedServer } from '../stages/llm/scripted-server.js';
import { writeOsloFile } from './generate.js';
import { type Measured, measure, median, table } from './process.js';
import { profiledWork } from './profile-share.js';

const { values } = parseArgs({
  options: {
    lines: { type: 'string', default: '1000000' },
    rounds: { type: 'string', default: '1' },
    cores: { type: 'string', default: '0,1' },
    profile: { type: 'boolean', default: false },
    only: { type: 'string' },
  },
});
const lines = Number(values.lines);
/** One line in so many is of a template that nobody knows. */
const UNKNOWN_EVERY = 1000;
const UNKNOWN_TEMPLATES = 100;
const MAIN = join(PACKAGE_ROOT, 'dist/src/main.js');
const folder = mkdtempSync(join(tmpdir(), 'trilog-llm-faults-'));

interface Case {
  readonly name: string;
  readonly does: Behaviour;
  /** Nobody listens. */
  readonly closed?: true;
  /** With a certificate of an authority that nobody named. */
  readonly tls?: true;
}

const answers: Behaviour = () => null;
const ALL: readonly Case[] = [
  { name: 'a server that answers', does: answers },
  { name: 'nobody listens', does: answers, closed: true },
  { name: 'a certificate of a stranger', does: answers, tls: true },
  { name: '400', does: status(400) },
  { name: '401', does: status(401) },
  { name: '429, Retry-After: 1', does: status(429, { 'retry-after': '1' }) },
  { name: '500', does: status(500) },
  { name: 'hangs', does: hang() },
  { name: '1 byte/s', does: drip(1) },
  { name: '50 MB', does: huge(50_000_000) },
  { name: 'no JSON', does: raw('<html>') },
  { name: 'wrong labels', does: wrongLabel() },
  { name: 'too few answers', does: missing() },
];

const CASES = ALL.filter(({ name }) => values.only === undefined || name === values.only);

/** Lines of many services, and among them some that no stage before the language model is sure of. */
async function writeInput(path: string): Promise<void> {
  const plain = join(folder, 'plain.log');
  await writeOsloFile(plain, lines);
  const out = createWriteStream(path);
  const words = ['wobble', 'quaver', 'tumble', 'shimmer', 'flicker', 'jumble', 'ripple', 'stagger', 'dwindle', 'murmur'];
  let n = 0;
  for await (const line of createInterface({ input: createReadStream(plain) })) {
    if (n++ % UNKNOWN_EVERY === 0) {
      const i = Math.floor(n / UNKNOWN_EVERY) % UNKNOWN_TEMPLATES;
      const said = `The ${words[i % 10]} of a ${words[Math.floor(i / 10)]} was ${n} of late`;
      if (!out.write(`2026-03-02 10:11:12.123 7 WARNING site.agent [-] ${said}\n`)) await once(out, 'drain');
    } else if (!out.write(`${line}\n`)) await once(out, 'drain');
  }
  out.end();
  await finished(out);
}

interface Run extends Measured {
  readonly requests: number;
  /** Bytes that came out. */
  readonly bytes: number;
  /** From when a fifth of them had come out: what is done once, at the start and for the first template, is behind it. */
  readonly steadySeconds: number;
}

/** One agent over the whole file; without the stage where there is no case. @param bytes that come out, as far as that is known. */
async function run(input: string, one: Case | null, bytes: number, core: string, flags: readonly string[] = []): Promise<Run> {
  const { does, closed, tls } = one ?? { does: null };
  const server = await ScriptedServer.start({ labelling: () => ({ label: 'other', confidence: 0.9 }), ...(tls && { tls: {} }) });
  if (does !== null) server.script(always(does));
  if (closed) await server.close();
  const llm = does === null ? {} : { llm: { base_url: server.baseUrl, model: 'scripted', timeout_ms: 2000, max_requests_per_minute: 600 } };
  const place = join(folder, one === null ? 'without' : 'with');
  const [data, output, config] = [join(place, 'data'), join(place, 'out.ndjson'), join(place, 'trilog.yaml')];
  mkdirSync(place, { recursive: true });
  rmSync(data, { recursive: true, force: true });
  rmSync(output, { force: true });
  writeFileSync(
    config,
    JSON.stringify({
      data_dir: data,
      inputs: { bench: { type: 'file', include: [input], read_from: 'beginning', follow: false } },
      classify: { ...llm },
      outputs: { out: { type: 'file', path: output, rotate_bytes: 0 } },
      log: { level: 'error', repeats_per_minute: 1 },
    }),
  );
  try {
    let steadySince = 0;
    const watch = (): boolean => {
      if (steadySince === 0 && (statSync(output, { throwIfNoEntry: false })?.size ?? 0) > bytes / 5) steadySince = performance.now();
      return false;
    };
    const measured = await measure([process.execPath, ...flags, MAIN, 'run', '-c', config], core, watch);
    const steadySeconds = (performance.now() - steadySince) / 1000;
    const written = readFileSync(output);
    const records = written.reduce((sum, byte) => sum + (byte === 10 ? 1 : 0), 0);
    if (records !== lines) throw new Error(`${records} records of ${lines}`);
    return { ...measured, requests: server.requests.length, bytes: written.length, steadySeconds };
  } finally {
    if (!closed) await server.close();
  }
}

/** Files of the stage, and of the libraries that only it uses. */
const OF_THE_STAGE = /\/stages\/llm\/|\/node_modules\/(openai|undici|cockatiel|p-retry)\//;

/** Prints what the stage has of the work of the main thread, for each case. */
async function shares(input: string, core: string): Promise<void> {
  const rows: string[][] = [];
  for (const one of CASES) {
    const profiles = mkdtempSync(join(folder, 'profile-'));
    const { requests } = await run(input, one, 0, core, ['--cpu-prof', `--cpu-prof-dir=${profiles}`]);
    const { all, within } = profiledWork(profiles, OF_THE_STAGE);
    rows.push([one.name, all.toFixed(1), within.toFixed(2), `${((100 * within) / all).toFixed(1)} %`, String(requests)]);
  }
  console.log(`${lines} lines, one in ${UNKNOWN_EVERY} of ${UNKNOWN_TEMPLATES} unknown templates; every line came out`);
  console.log(table([['endpoint', 'work of the main thread, s', 'of these the stage, s', 'share', 'requests'], ...rows]));
}

/** Prints rates beside those of an agent without the stage. */
async function rates(input: string, first: string, second: string): Promise<void> {
  const { bytes } = await run(input, null, 0, first);
  const results = CASES.map((one) => ({ one, pairs: [] as { readonly without: Run; readonly with: Run }[] }));
  for (let round = 0; round < Number(values.rounds); round++) {
    for (const { one, pairs } of results) {
      for (const [here, there] of [
        [first, second],
        [second, first],
      ] as const) {
        const [asked, without] = await Promise.all([run(input, one, bytes, here), run(input, null, bytes, there)]);
        pairs.push({ without, with: asked });
      }
    }
  }
  type Quantity = 'seconds' | 'steadySeconds' | 'cpuSeconds' | 'peakMb';
  const rows = results.map(({ one, pairs }) => {
    const of = (what: Quantity): number => median(pairs.map((pair) => pair.with[what]));
    // The geometric mean: where one core is faster than the other, that cancels out.
    const ratio = (what: Quantity): number =>
      Math.exp(pairs.reduce((sum, pair) => sum + Math.log(pair.without[what] / pair.with[what]), 0) / pairs.length);
    return {
      steadily: ratio('steadySeconds'),
      cells: [
        one.name,
        `${Math.round(lines / of('seconds'))}`,
        ratio('seconds').toFixed(2),
        `${Math.round((0.8 * lines) / of('steadySeconds'))}`,
        ratio('steadySeconds').toFixed(2),
        ((of('cpuSeconds') * 1e6) / lines).toFixed(1),
        (1 / ratio('cpuSeconds')).toFixed(2),
        of('peakMb').toFixed(0),
        `${median(pairs.map((pair) => pair.with.requests))}`,
      ],
    };
  });
  console.log(
    `${lines} lines, one in ${UNKNOWN_EVERY} of ${UNKNOWN_TEMPLATES} unknown templates; ${2 * Number(values.rounds)} pairs each; every line came out`,
  );
  const head = [
    'endpoint',
    'records/s',
    'of without',
    'after the first fifth',
    'of without',
    'CPU-s per million',
    'of without',
    'peak MB',
    'requests',
  ];
  console.log(table([head, ...rows.map(({ cells }) => cells)]));
  console.log(`after the first fifth, over all endpoints: ${median(rows.map(({ steadily }) => steadily)).toFixed(3)} of without (median)`);
}

try {
  const input = join(folder, 'input.log');
  await writeInput(input);
  const [first = '0', second = '1'] = values.cores.split(',');
  if (values.profile) await shares(input, first);
  else await rates(input, first, second);
} finally {
  rmSync(folder, { recursive: true, force: true });
}

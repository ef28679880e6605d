// What an endpoint that fails costs the records that do not need it: an agent over a file in which one line in a thousand is of a template that nobody
// knows, without the language model's stage and with it in front of a server that answers, or fails in some way. Rounds are interleaved; the rate is told of
// the whole run, and from when a fifth had come out, since the client library and the examples are loaded once, when the first template is asked about.
// Usage: llm-faults [--lines 1500000] [--rounds 3] [--cores 0]
import { once } from 'node:events';
import { createReadStream, createWriteStream, mkdtempSync, readFileSync, rmSync, statSync, writeFileSync } from 'node:fs';
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

const { values } = parseArgs({
  options: {
    lines: { type: 'string', default: '1500000' },
    rounds: { type: 'string', default: '3' },
    cores: { type: 'string', default: '0' },
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
  /** What the endpoint does; null for no stage at all. */
  readonly does: Behaviour | null;
  /** Nobody listens. */
  readonly closed?: true;
  /** With a certificate of an authority that nobody named. */
  readonly tls?: true;
}

const answers: Behaviour = () => null;
const CASES: readonly Case[] = [
  { name: 'without the stage', does: null },
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

/** One agent over the whole file. @param bytes that come out, as far as that is known. */
async function run(input: string, { does, closed, tls }: Case, bytes: number): Promise<Run> {
  const server = await ScriptedServer.start({ labelling: () => ({ label: 'other', confidence: 0.9 }), ...(tls && { tls: {} }) });
  if (does !== null) server.script(always(does));
  if (closed) await server.close();
  const llm = does === null ? {} : { llm: { base_url: server.baseUrl, model: 'scripted', timeout_ms: 2000, max_requests_per_minute: 600 } };
  const [data, output, config] = [join(folder, 'data'), join(folder, 'out.ndjson'), join(folder, 'trilog.yaml')];
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
    const measured = await measure([process.execPath, MAIN, 'run', '-c', config], values.cores, watch);
    const steadySeconds = (performance.now() - steadySince) / 1000;
    const written = readFileSync(output);
    const records = written.reduce((sum, byte) => sum + (byte === 10 ? 1 : 0), 0);
    if (records !== lines) throw new Error(`${records} records of ${lines}`);
    return { ...measured, requests: server.requests.length, bytes: written.length, steadySeconds };
  } finally {
    if (!closed) await server.close();
  }
}

try {
  const input = join(folder, 'input.log');
  await writeInput(input);
  const results = CASES.map((one) => ({ one, runs: [] as Run[] }));
  const [without] = CASES;
  const { bytes } = without === undefined ? { bytes: 0 } : await run(input, without, 0);
  for (let round = 0; round < Number(values.rounds); round++) for (const { one, runs } of results) runs.push(await run(input, one, bytes));
  type Quantity = 'seconds' | 'steadySeconds' | 'cpuSeconds' | 'peakMb';
  const of = (runs: readonly Run[], what: Quantity): number => median(runs.map((taken) => taken[what]));
  const [base] = results;
  const rows = results.map(({ one, runs }) => [
    one.name,
    `${Math.round(lines / of(runs, 'seconds'))}`,
    (of(base?.runs ?? [], 'seconds') / of(runs, 'seconds')).toFixed(2),
    `${Math.round((0.8 * lines) / of(runs, 'steadySeconds'))}`,
    (of(base?.runs ?? [], 'steadySeconds') / of(runs, 'steadySeconds')).toFixed(2),
    ((of(runs, 'cpuSeconds') * 1e6) / lines).toFixed(1),
    of(runs, 'peakMb').toFixed(0),
    `${median(runs.map(({ requests }) => requests))}`,
  ]);
  console.log(
    `${lines} lines, one in ${UNKNOWN_EVERY} of ${UNKNOWN_TEMPLATES} unknown templates; medians of ${values.rounds} rounds; every line came out`,
  );
  console.log(
    table([
      ['endpoint', 'records/s', 'of without', 'after the first fifth', 'of without', 'CPU-s per million', 'peak MB', 'requests'],
      ...rows,
    ]),
  );
} finally {
  rmSync(folder, { recursive: true, force: true });
}

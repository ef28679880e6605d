// What an endpoint that fails costs the records that do not need it: an agent over a file in which one line in a thousand is of a template that nobody
// knows, without the language model's stage and with it in front of a server that answers, or fails in some way. Rounds are interleaved.
// Usage: llm-faults [--lines 500000] [--rounds 5] [--cores 0]
import { once } from 'node:events';
import { createReadStream, createWriteStream, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { createInterface } from 'node:readline';
import { finished } from 'node:stream/promises';
import { parseArgs } from 'node:util';
import { PACKAGE_ROOT } from '../../src/paths.js';
import { always, type Behaviour, drip, hang, huge, raw, reset, status, wrongLabel } from '../stages/llm/behaviours.js';
import { ScriptedServer } from '../stages/llm/scripted-server.js';
import { writeOsloFile } from './generate.js';
import { type Measured, measure, median, table } from './process.js';

const { values } = parseArgs({
  options: {
    lines: { type: 'string', default: '500000' },
    rounds: { type: 'string', default: '5' },
    cores: { type: 'string', default: '0' },
  },
});
const lines = Number(values.lines);
/** One line in so many is of a template that nobody knows. */
const UNKNOWN_EVERY = 1000;
const UNKNOWN_TEMPLATES = 100;
const MAIN = join(PACKAGE_ROOT, 'dist/src/main.js');
const folder = mkdtempSync(join(tmpdir(), 'trilog-llm-faults-'));

/** What the endpoint does; null for no stage at all. */
const CASES: readonly [name: string, behaviour: Behaviour | null | 'closed'][] = [
  ['without the stage', null],
  ['a server that answers', () => null],
  ['nobody listens', 'closed'],
  ['500', status(500)],
  ['401', status(401)],
  ['429, Retry-After: 1', status(429, { 'retry-after': '1' })],
  ['hangs', hang()],
  ['1 byte/s', drip(1)],
  ['50 MB', huge(50_000_000)],
  ['breaks the connection', reset()],
  ['no JSON', raw('<html>')],
  ['wrong labels', wrongLabel()],
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

/** One agent over the whole file. @returns what it took, and how many requests it made. */
async function run(input: string, behaviour: Behaviour | null | 'closed'): Promise<Measured & { readonly requests: number }> {
  const server = await ScriptedServer.start({ labelling: () => ({ label: 'other', confidence: 0.9 }) });
  if (behaviour !== null && behaviour !== 'closed') server.script(always(behaviour));
  if (behaviour === 'closed') await server.close();
  const llm =
    behaviour === null ? {} : { llm: { base_url: server.baseUrl, model: 'scripted', timeout_ms: 2000, max_requests_per_minute: 600 } };
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
      log: { level: 'error' },
    }),
  );
  try {
    const measured = await measure([process.execPath, MAIN, 'run', '-c', config], values.cores);
    const written = readFileSync(output).reduce((sum, byte) => sum + (byte === 10 ? 1 : 0), 0);
    if (written !== lines) throw new Error(`${written} records of ${lines}`);
    return { ...measured, requests: server.requests.length };
  } finally {
    if (behaviour !== 'closed') await server.close();
  }
}

try {
  const input = join(folder, 'input.log');
  await writeInput(input);
  const results = CASES.map(([name, behaviour]) => ({ name, behaviour, runs: [] as Awaited<ReturnType<typeof run>>[] }));
  for (let round = 0; round < Number(values.rounds); round++)
    for (const { behaviour, runs } of results) runs.push(await run(input, behaviour));
  const of = (runs: readonly Measured[], what: 'seconds' | 'cpuSeconds' | 'peakMb'): number =>
    median(runs.map((measured) => measured[what]));
  const [base] = results;
  const rows = results.map(({ name, runs }) => [
    name,
    `${Math.round(lines / of(runs, 'seconds'))}`,
    (of(base?.runs ?? [], 'seconds') / of(runs, 'seconds')).toFixed(2),
    ((of(runs, 'cpuSeconds') * 1e6) / lines).toFixed(1),
    of(runs, 'peakMb').toFixed(0),
    `${median(runs.map(({ requests }) => requests))}`,
  ]);
  console.log(
    `${lines} lines, one in ${UNKNOWN_EVERY} of ${UNKNOWN_TEMPLATES} unknown templates; medians of ${values.rounds} rounds; every line came out`,
  );
  console.log(table([['endpoint', 'records/s', 'of without', 'CPU-s per million', 'peak MB', 'requests'], ...rows]));
} finally {
  rmSync(folder, { recursive: true, force: true });
}

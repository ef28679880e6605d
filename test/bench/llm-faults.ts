// What an endpoint that fails costs the records that do not need it: an agent over a file in which one line in a thousand is of a template that nobody
// knows, without the language model's stage and with it in front of a server that answers, or fails in some way. Rounds are interleaved; the rate is told of
// the whole run, and from when a fifth had come out, since the client library and the examples are loaded once, when the first template is asked about.
// Usage: llm-faults [--lines 1500000] [--rounds 3] [--cores 0]
import { mkdtempSync, readFileSync, rmSync, statSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { parseArgs } from 'node:util';
import { PACKAGE_ROOT } from '../../src/paths.js';
import { ENDPOINTS, type Endpoint, llmKeys, started } from './endpoints.js';
import { type Measured, measure, median, table } from './process.js';
import { UNKNOWN_EVERY, UNKNOWN_TEMPLATES, writeWithUnknown } from './unknown-lines.js';

const { values } = parseArgs({
  options: {
    lines: { type: 'string', default: '1500000' },
    rounds: { type: 'string', default: '3' },
    cores: { type: 'string', default: '0' },
  },
});
const lines = Number(values.lines);
const MAIN = join(PACKAGE_ROOT, 'dist/src/main.js');
const folder = mkdtempSync(join(tmpdir(), 'trilog-llm-faults-'));

/** The first: no stage at all. */
const CASES: readonly { readonly name: string; readonly endpoint: Endpoint | null }[] = [
  { name: 'without the stage', endpoint: null },
  ...ENDPOINTS.map((endpoint) => ({ name: endpoint.name, endpoint })),
];

interface Run extends Measured {
  readonly requests: number;
  /** Bytes that came out. */
  readonly bytes: number;
  /** From when a fifth of them had come out: what is done once, at the start and for the first template, is behind it. */
  readonly steadySeconds: number;
}

/** One agent over the whole file. @param bytes that come out, as far as that is known. */
async function run(input: string, endpoint: Endpoint | null, bytes: number): Promise<Run> {
  const asked = endpoint === null ? null : await started(endpoint);
  const llm = asked === null ? {} : { llm: llmKeys(asked.server.baseUrl) };
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
    return { ...measured, requests: asked?.server.requests.length ?? 0, bytes: written.length, steadySeconds };
  } finally {
    await asked?.close();
  }
}

try {
  const input = join(folder, 'input.log');
  await writeWithUnknown(input, lines);
  const results = CASES.map((one) => ({ one, runs: [] as Run[] }));
  const { bytes } = await run(input, null, 0);
  for (let round = 0; round < Number(values.rounds); round++)
    for (const { one, runs } of results) runs.push(await run(input, one.endpoint, bytes));
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

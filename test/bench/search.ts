// Records per second into a real OpenSearch: trilog from log lines on, through all its stages, beside the client's own bulk helper with ready-made
// documents, in turn. The server is fetched from Maven Central (test/services/README.md). Usage: search [--lines 300000] [--rounds 3]
import { mkdtempSync, rmSync, statSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { parseArgs } from 'node:util';
import { mappingOf } from '../../plugins/outputs/search/mappings.js';
import { PACKAGE_ROOT } from '../../src/paths.js';
import { ask } from '../services/search/every-document.js';
import { SearchServer } from '../services/search/search-server.js';
import { templateOf } from '../services/search/template.js';
import { writeOsloFile } from './generate.js';
import { type Measured, measure, median, table } from './process.js';

const { values } = parseArgs({ options: { lines: { type: 'string', default: '300000' }, rounds: { type: 'string', default: '3' } } });
const lines = Number(values.lines);
/** The server shares them, as it would not where it has a machine of its own: both contestants alike. */
const CORES = '0,1';
const main = join(PACKAGE_ROOT, 'dist/src/main.js');
const helper = join(PACKAGE_ROOT, 'dist/test/bench/baselines/bulk-helper.js');
const folder = mkdtempSync(join(tmpdir(), 'trilog-bench-search-'));

/** Lets an agent with this output read the file to its end. */
async function agent(input: string, output: object): Promise<Measured> {
  const config = join(folder, 'trilog.yaml');
  const data = join(folder, 'data');
  rmSync(data, { recursive: true, force: true });
  const inputs = { bench: { type: 'file', include: [input], read_from: 'beginning', follow: false } };
  writeFileSync(config, JSON.stringify({ data_dir: data, inputs, outputs: { out: output }, log: { level: 'warn' } }));
  return await measure([process.execPath, main, 'run', '-c', config], CORES);
}

const server = await SearchServer.start({ heapMegabytes: 2048 });
try {
  const input = join(folder, 'input.log');
  const logBytes = await writeOsloFile(input, lines);
  const documents = join(folder, 'documents.ndjson');
  await agent(input, { type: 'file', path: documents, rotate_bytes: 0 });
  const documentBytes = statSync(documents).size;
  await ask(server, 'PUT', '/_index_template/bench', templateOf('opensearch', 'bench-*', mappingOf('ecs', 'opensearch'), 'data stream'));
  console.log(
    `${lines} lines, ${(logBytes / 1e6).toFixed(0)} MB of log, ${(documentBytes / 1e6).toFixed(0)} MB of documents, OpenSearch ${server.version}, ${values.rounds} rounds`,
  );

  const search = { type: 'opensearch', nodes: [server.url] };
  const contestants = [
    {
      name: "the client's bulk helper",
      run: (name: string) => measure([process.execPath, helper, server.url, name, documents, '4'], CORES),
    },
    { name: 'trilog', run: (name: string) => agent(input, { ...search, data_stream: name, compression: false }) },
    { name: 'trilog, compressed', run: (name: string) => agent(input, { ...search, data_stream: name, compression: true }) },
  ].map((contestant) => ({ ...contestant, results: [] as Measured[] }));
  // The first requests teach the server's virtual machine.
  await measure([process.execPath, helper, server.url, 'bench-warm', documents, '4'], CORES);
  for (let round = 0; round < Number(values.rounds); round++) {
    for (const { run, results } of contestants) {
      const name = `bench-${round}-${results.length}-${contestants.findIndex((each) => each.results === results)}`;
      results.push(await run(name));
      await ask(server, 'POST', `/${name}/_refresh`);
      const { count } = (await ask(server, 'GET', `/${name}/_count`)) as { count: number };
      if (count !== lines) throw new Error(`${name} holds ${count} of ${lines} records`);
      await ask(server, 'DELETE', `/_data_stream/${name}`);
    }
  }
  const seconds = contestants.map(({ results }) => median(results.map((result) => result.seconds)));
  const rows = contestants.map(({ name, results }, i) => {
    const took = seconds[i] ?? Number.NaN;
    return [
      name,
      Math.round(lines / took).toLocaleString('en-US'),
      (documentBytes / 1e6 / took).toFixed(1),
      ((seconds[0] ?? Number.NaN) / took).toFixed(2),
      (median(results.map(({ cpuSeconds }) => cpuSeconds)) / (lines / 1e6)).toFixed(1),
      median(results.map(({ peakMb }) => peakMb)).toFixed(0),
    ];
  });
  console.log(table([['', 'records/s', 'MB/s of documents', "x the helper's", 'CPU-s per million', 'peak MB'], ...rows]));
} finally {
  await server.stop();
  rmSync(folder, { recursive: true, force: true });
}

// Records per second on one core: trilog beside rsyslog with mmnormalize and a plain Node.js loop, on the same file in the same run.
// Usage: throughput [--lines 1000000] [--rounds 3] [--cores 0] [--rules N], by default nine more for each of the pack's; rsyslog is left out where it is not installed.
import { spawnSync } from 'node:child_process';
import { mkdtempSync, rmSync, statSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { parseArgs } from 'node:util';
import { PACKAGE_ROOT } from '../../src/paths.js';
import { loadRules, packFile } from '../../src/stages/rules/load.js';
import { loadTaxonomy } from '../../src/stages/taxonomy.js';
import { runRsyslog } from './baselines/rsyslog.js';
import { LOGGERS, writeOsloFile } from './generate.js';
import { type Measured, measure, median, table } from './process.js';

const { values } = parseArgs({
  options: {
    lines: { type: 'string', default: '1000000' },
    rounds: { type: 'string', default: '3' },
    cores: { type: 'string', default: '0' },
    rules: { type: 'string' },
  },
});
const lines = Number(values.lines);
const moreRules = Number(values.rules ?? 9 * loadRules([packFile('openstack')], loadTaxonomy()).length);
const folder = mkdtempSync(join(tmpdir(), 'trilog-throughput-'));
const main = join(PACKAGE_ROOT, 'dist/src/main.js');
const plainLoop = join(PACKAGE_ROOT, 'dist/test/bench/baselines/plain-loop.js');

interface Contestant {
  readonly name: string;
  readonly records: number;
  readonly run: () => Promise<Measured>;
  readonly results: Measured[];
}

/** An agent that reads a file to its end and stops. */
function trilog(name: string, input: string, records: number, extraRules?: string): Contestant {
  const output = join(folder, 'trilog.ndjson');
  const config = join(folder, `${name.replaceAll(/\W+/g, '-')}.yaml`);
  const data = join(folder, 'data');
  writeFileSync(
    config,
    JSON.stringify({
      data_dir: data,
      inputs: { bench: { type: 'file', include: [input], read_from: 'beginning', follow: false } },
      // Rules alone, as the others have it.
      classify: { known: false, bert: false, ...(extraRules !== undefined && { rules: { files: [extraRules] } }) },
      outputs: { out: { type: 'file', path: output, rotate_bytes: 0 } },
      log: { level: 'warn' },
    }),
  );
  const run = async (): Promise<Measured> => {
    rmSync(data, { recursive: true, force: true });
    rmSync(output, { force: true });
    const measured = await measure([process.execPath, main, 'run', '-c', config], values.cores);
    const written = Number(spawnSync('wc', ['-l', output], { encoding: 'utf8' }).stdout.split(' ')[0]);
    if (written !== records) throw new Error(`${name}: ${written} records of ${records}`);
    return measured;
  };
  return { name, records, run, results: [] };
}

/** So many rules that no line of the file matches, for all of its loggers in turn; every other is found by its start, the rest by a word. */
function manyRules(count: number): string {
  const rules = Array.from({ length: count }, (_, i) => {
    const text = i % 2 === 0 ? { starts: `Took a turn number ${i}` } : { contains: `Instance was seen ${i} times` };
    const message = i % 2 === 0 ? `Took a turn number ${i}` : `the Instance was seen ${i} times`;
    return {
      id: `bench.rule_${i}`,
      label: 'host.system',
      logger: LOGGERS[Math.floor(i / 2) % LOGGERS.length],
      ...text,
      examples: { match: [message] },
    };
  });
  const file = join(folder, 'many-rules.yaml');
  writeFileSync(file, JSON.stringify({ pack: 'bench', rules }));
  return file;
}

try {
  const input = join(folder, 'input.log');
  const bytes = await writeOsloFile(input, lines);
  const large = join(folder, 'large.log');
  for (let i = 0; i < 10; i++) spawnSync('sh', ['-c', `cat "${input}" >> "${large}"`]);
  console.log(
    `${lines} lines, ${(bytes / 1e6).toFixed(0)} MB, ${(bytes / lines).toFixed(0)} bytes a line, core ${values.cores}, ${values.rounds} rounds`,
  );

  const loopOutput = join(folder, 'loop.ndjson');
  const contestants: Contestant[] = [
    trilog('trilog', input, lines),
    trilog(`trilog, ${moreRules.toLocaleString('en-US')} more rules`, input, lines, manyRules(moreRules)),
    {
      name: 'plain Node.js loop',
      records: lines,
      run: () => measure([process.execPath, plainLoop, input, loopOutput], values.cores),
      results: [],
    },
  ];
  if (spawnSync('rsyslogd', ['-v']).status === 0) {
    contestants.push({
      name: 'rsyslog, mmnormalize, 50 rules',
      records: lines,
      run: () => runRsyslog(input, folder, values.cores),
      results: [],
    });
  } else console.log('rsyslogd is not installed: left out');
  for (let round = 0; round < Number(values.rounds); round++) {
    for (const contestant of contestants) contestant.results.push(await contestant.run());
  }
  const tenfold = trilog('trilog, 10 x the file', large, lines * 10);
  tenfold.results.push(await tenfold.run());
  contestants.splice(1, 0, tenfold);

  const rate = (contestant: Contestant): number => contestant.records / median(contestant.results.map(({ seconds }) => seconds));
  const base = rate(contestants[0] as Contestant);
  const rows = contestants.map((contestant) => {
    const cpu = median(contestant.results.map(({ cpuSeconds }) => cpuSeconds)) / (contestant.records / 1e6);
    const peak = median(contestant.results.map(({ peakMb }) => peakMb));
    return [
      contestant.name,
      Math.round(rate(contestant)).toLocaleString('en-US'),
      (rate(contestant) / base).toFixed(2),
      cpu.toFixed(1),
      peak.toFixed(0),
    ];
  });
  console.log(table([['', 'records/s', 'x trilog', 'CPU-s per million', 'peak MB'], ...rows]));
  console.log(`output of trilog: ${(statSync(join(folder, 'trilog.ndjson')).size / 1e6 / 10).toFixed(0)} MB per ${lines} records`);
} finally {
  rmSync(folder, { recursive: true, force: true });
}

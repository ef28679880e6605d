// The main job in half a minute: the sample logs are written line by line as services would, with a rotation half-way; an agent follows them,
// labels every record and shows it. No server, no key.
import { appendFileSync, mkdirSync, mkdtempSync, readdirSync, readFileSync, renameSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { summary } from '../src/commands/summary.js';
import { loadConfig } from '../src/config/load.js';
import { PACKAGE_ROOT } from '../src/paths.js';
import { Agent } from '../src/pipeline/agent.js';
import { createLog } from '../src/telemetry/log.js';

/** Between two lines of a file. */
const LINE_PAUSE_MS = 40;
/** So long without a new record, and the agent has caught up. */
const QUIET_MS = 2000;

const folder = mkdtempSync(join(tmpdir(), 'trilog-demo-'));
const logs = join(folder, 'logs');
const samples = join(PACKAGE_ROOT, 'examples', 'sample-logs');

try {
  mkdirSync(logs);
  const config = join(folder, 'demo.yaml');
  writeFileSync(config, readFileSync(join(PACKAGE_ROOT, 'examples', 'demo.yaml'), 'utf8').replaceAll('DEMO', folder));
  const loaded = await loadConfig(config);
  const agent = new Agent(loaded, createLog(loaded.log));
  const started = performance.now();
  const running = agent.run();
  await Promise.all(readdirSync(samples).map((name) => writeSlowly(join(samples, name), join(logs, name))));
  for (let seen = 0; seen === 0 || seen !== agent.tally.records; await sleep(QUIET_MS)) seen = agent.tally.records;
  agent.stop();
  await running;
  process.stderr.write(`\n${summary(agent.tally, (performance.now() - started) / 1000)}\n`);
} finally {
  rmSync(folder, { recursive: true, force: true });
}

async function writeSlowly(from: string, to: string): Promise<void> {
  const lines = readFileSync(from, 'utf8').trimEnd().split('\n');
  // As logrotate does it: half-way, between two records, the file gets another name, and the service goes on in a new one.
  const rotateAt = lines.findIndex((line, i) => i >= lines.length / 2 && / INFO |\|INFO\||\[info\]| systemd/.test(line));
  for (const [i, line] of lines.entries()) {
    if (i === rotateAt) renameSync(to, `${to}.1`);
    appendFileSync(to, `${line}\n`);
    await sleep(LINE_PAUSE_MS);
  }
}

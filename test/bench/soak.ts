// Resident memory of an agent with all its stages over many records: oslo lines, of which one in so many is of a statement that was never seen.
// Usage: soak [--lines 10000000] [--novel 2000]
import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { createWriteStream, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { Readable } from 'node:stream';
import { pipeline } from 'node:stream/promises';
import { parseArgs } from 'node:util';
import { PACKAGE_ROOT } from '../../src/paths.js';
import { osloLines } from './generate.js';
import { residentMb } from './process.js';
import { distinctStatements } from './statements.js';

const { values } = parseArgs({ options: { lines: { type: 'string', default: '10000000' }, novel: { type: 'string', default: '2000' } } });
const lines = Number(values.lines);
const every = Number(values.novel);
const STEPS = 10;
const CHUNK = 262_144;
const LOOK_EVERY_MS = 250;

function* text(): Generator<string> {
  const novel = distinctStatements(Math.ceil(lines / every), 3);
  let chunk = '';
  let count = 0;
  for (const line of osloLines(lines)) {
    const statement = count++ % every === 0 ? novel.next().value : undefined;
    // The same time, so that both are of one second.
    const stamp = line.slice(0, 'YYYY-MM-DD hh:mm:ss.mmm'.length);
    chunk += statement === undefined ? `${line}\n` : `${stamp} 7 ${statement.level} site.${statement.logger} [-] ${statement.message}\n`;
    if (chunk.length < CHUNK) continue;
    yield chunk;
    chunk = '';
  }
  yield chunk;
}

const folder = mkdtempSync(join(tmpdir(), 'trilog-soak-'));
try {
  const input = join(folder, 'input.log');
  await pipeline(Readable.from(text()), createWriteStream(input));
  const config = join(folder, 'trilog.yaml');
  const data = join(folder, 'data');
  writeFileSync(
    config,
    JSON.stringify({
      data_dir: data,
      inputs: { soak: { type: 'file', include: [input], read_from: 'beginning', follow: false } },
      // What was written is not kept: only so much disk is needed.
      outputs: { out: { type: 'file', path: join(folder, 'out.ndjson'), rotate_bytes: 100_000_000, keep_files: 1 } },
      log: { level: 'info', format: 'json' },
    }),
  );
  const agent = spawn(process.execPath, [join(PACKAGE_ROOT, 'dist/src/main.js'), 'run', '-c', config], {
    stdio: ['ignore', 'ignore', 'pipe'],
  });
  let said = '';
  agent.stderr.setEncoding('utf8').on('data', (chunk: string) => {
    said += chunk;
  });
  const exit = once(agent, 'exit');
  const started = performance.now();
  const seen: number[] = [];
  let running = true;
  void exit.then(() => {
    running = false;
  });
  while (running) {
    const now = residentMb(agent.pid ?? 0);
    if (now !== null) seen.push(now);
    await Promise.race([exit, new Promise((resolve) => setTimeout(resolve, LOOK_EVERY_MS))]);
  }
  if (agent.exitCode !== 0) throw new Error(`the agent ended with ${agent.exitCode}: ${said}`);
  const last = said.trimEnd().split('\n').at(-1) ?? '{}';
  const seconds = (performance.now() - started) / 1000;
  console.log(`${lines} records in ${seconds.toFixed(0)} s, one in ${every} of a new statement; ${stagesOf(last)}`);
  const part = seen.length / STEPS;
  const peaks = Array.from({ length: STEPS }, (_, i) => Math.max(...seen.slice(Math.floor(i * part), Math.ceil((i + 1) * part))));
  console.log(`most resident MB in each tenth of the time: ${peaks.map((mb) => mb.toFixed(0)).join(' ')}`);
} finally {
  rmSync(folder, { recursive: true, force: true });
}

/** What the agent said at its end of who answered. */
function stagesOf(line: string): string {
  return JSON.stringify((JSON.parse(line) as { stages?: unknown }).stages);
}

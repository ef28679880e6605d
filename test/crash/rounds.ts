import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import { createReadStream, existsSync, mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { createInterface } from 'node:readline';
import { setTimeout as sleep } from 'node:timers/promises';
import { PACKAGE_ROOT } from '../../src/paths.js';
import { seeded } from '../../src/training/random.js';
import { GrowingLog } from './growing-log.js';

export interface CrashResult {
  readonly kills: number;
  readonly rotations: number;
  readonly written: number;
  /** Lines that are in no output. */
  readonly lost: number;
  /** Records beyond the first of their line. */
  readonly repeats: number;
  /** Repeats whose id is not that of the first. */
  readonly strangers: number;
  /** Different lines with the same id. */
  readonly collisions: number;
}

const TICK_MS = 5;
/** So many that none is deleted before a busy machine's agent has read it: what is gone is nobody's to read. */
const OLD_FILES = 40;
/** So long an agent may take to catch up at the end. */
const CATCH_UP_MS = 60_000;

/**
 * Kills an agent (SIGKILL) at random moments, `kills` times, while two files grow and rotate, one by rename and one by copytruncate; then lets a last
 * agent catch up, and compares its output with what was written.
 */
export async function crashRounds(kills: number, seed: number): Promise<CrashResult> {
  const folder = mkdtempSync(join(tmpdir(), 'trilog-crash-'));
  const random = seeded(seed);
  mkdirSync(join(folder, 'logs'));
  const logs = (['rename', 'copytruncate'] as const).map(
    (rotation) => new GrowingLog(join(folder, 'logs', `${rotation}.log`), rotation, OLD_FILES),
  );
  const output = join(folder, 'out.ndjson');
  const config = writeConfig(folder, output);
  let rotations = 0;
  const tick = (): void => {
    for (const log of logs) {
      log.append(1 + Math.floor(random() * 30));
      if (random() < 0.004) {
        log.rotate();
        rotations++;
      }
    }
  };
  let agent: ChildProcess | null = null;
  let writer: NodeJS.Timeout | undefined;
  try {
    // A log that is rotated away before an agent has ever seen it is not an agent's to read: the first one may look round.
    for (const log of logs) log.append(1);
    agent = startAgent(config);
    const seen = performance.now() + CATCH_UP_MS;
    while ((await readOutput(output)).lines.size < logs.length && performance.now() < seen) await sleep(100);
    agent.kill('SIGKILL');
    await once(agent, 'exit');
    writer = setInterval(tick, TICK_MS);
    for (let i = 0; i < kills; i++) {
      agent = startAgent(config);
      // Starting takes a good part of a second: some are killed in it, most at work.
      await sleep(200 + random() * 2500);
      agent.kill('SIGKILL');
      await once(agent, 'exit');
      // Sometimes it stays down, so that rotations pass it by.
      if (random() < 0.3) await sleep(random() * 1000);
    }
    clearInterval(writer);
    agent = startAgent(config);
    const written = logs.reduce((sum, log) => sum + log.next, 0);
    const deadline = performance.now() + CATCH_UP_MS;
    let found = await readOutput(output);
    while (found.lines.size < written && performance.now() < deadline) {
      await sleep(500);
      found = await readOutput(output);
    }
    agent.kill('SIGTERM');
    await once(agent, 'exit');
    found = await readOutput(output);
    return { kills, rotations, written, lost: written - found.lines.size, ...found.counts };
  } finally {
    clearInterval(writer);
    agent?.kill('SIGKILL');
    for (const log of logs) log.close();
    rmSync(folder, { recursive: true, force: true });
  }
}

function writeConfig(folder: string, output: string): string {
  const config = join(folder, 'trilog.yaml');
  writeFileSync(
    config,
    JSON.stringify({
      data_dir: join(folder, 'data'),
      inputs: {
        logs: {
          type: 'file',
          include: [join(folder, 'logs', '*.log')],
          read_from: 'beginning',
          poll_interval_ms: 20,
          discover_interval_ms: 50,
          checkpoint_interval_ms: 50,
        },
      },
      outputs: { out: { type: 'file', path: output, rotate_bytes: 0 } },
      // A model would only make the agent start later: what is tried here are inputs, outputs and checkpoints.
      classify: { known: false, bert: false },
      pipeline: { multiline_pause_ms: 50 },
      log: { level: 'error' },
    }),
  );
  return config;
}

function startAgent(config: string): ChildProcess {
  return spawn(process.execPath, [join(PACKAGE_ROOT, 'dist/src/main.js'), 'run', '-c', config], { stdio: ['ignore', 'ignore', 'inherit'] });
}

async function readOutput(path: string) {
  const lines = new Map<string, string>();
  const ids = new Map<string, string>();
  const counts = { repeats: 0, strangers: 0, collisions: 0 };
  if (!existsSync(path)) return { lines, counts };
  for await (const text of createInterface({ input: createReadStream(path) })) {
    // The agent may be in the middle of a write.
    if (!text.endsWith('}}')) continue;
    const document = JSON.parse(text) as { message: string; event: { id: string } };
    const line = document.message;
    const id = document.event.id;
    const first = lines.get(line);
    if (first === undefined) lines.set(line, id);
    else counts.repeats++;
    if (first !== undefined && first !== id) counts.strangers++;
    const owner = ids.get(id);
    if (owner === undefined) ids.set(id, line);
    else if (owner !== line) counts.collisions++;
  }
  return { lines, counts };
}

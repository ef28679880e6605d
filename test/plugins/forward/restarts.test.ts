import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import { appendFileSync, existsSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import test, { type ExecutionContext } from 'ava';
import { MAIN } from '../../commands/trilog.js';
import { freePorts } from '../../services/kafka/free-ports.js';
import { until } from '../inputs/kafka/agent.js';

const ROUNDS = 4;
const LINES_A_ROUND = 3000;

/** A real agent that can be killed and started again. */
class Node {
  #child: ChildProcess | null = null;
  said = '';
  readonly #path: string;

  constructor(
    readonly t: ExecutionContext,
    readonly folder: string,
    readonly name: string,
    input: Record<string, unknown>,
    output: Record<string, unknown>,
  ) {
    this.#path = join(folder, `${name}.yaml`);
    const pipeline = { multiline_pause_ms: 50, stop_timeout_ms: 5000 };
    const config = { data_dir: join(folder, name), pipeline, classify: { bert: false }, inputs: { in: input }, outputs: { out: output } };
    writeFileSync(this.#path, JSON.stringify(config));
  }

  start(): void {
    const child = spawn(process.execPath, [MAIN, 'run', '-c', this.#path], { stdio: ['ignore', 'ignore', 'pipe'] });
    child.stderr?.setEncoding('utf8').on('data', (more: string) => {
      this.said += more;
    });
    this.t.teardown(() => child.kill('SIGKILL'));
    this.#child = child;
  }

  async stop(signal: NodeJS.Signals): Promise<void> {
    const child = this.#child;
    if (child === null || child.exitCode !== null || child.signalCode !== null) return;
    const closed = once(child, 'close');
    child.kill(signal);
    await closed;
  }
}

test('trilog to trilog loses nothing, whichever side is killed', async (t) => {
  const folder = mkdtempSync(join(tmpdir(), 'trilog-forward-'));
  t.teardown(() => rmSync(folder, { recursive: true, force: true }));
  const [port] = await freePorts(1);
  const log = join(folder, 'nova-compute.log');
  const out = join(folder, 'out.ndjson');
  const shared_key = 'between the two';
  const sender = new Node(
    t,
    folder,
    'sender',
    { type: 'file', include: [log], read_from: 'beginning' },
    { type: 'forward', servers: [`127.0.0.1:${port}`], shared_key, compression: 'gzip', chunk_bytes: 65_536 },
  );
  const receiver = new Node(
    t,
    folder,
    'receiver',
    { type: 'forward', listen: `127.0.0.1:${port}`, shared_key },
    { type: 'file', path: out, rotate_bytes: 0 },
  );
  const arrived = (): Map<string, Set<string>> => {
    const found = new Map<string, Set<string>>();
    if (!existsSync(out)) return found;
    for (const line of readFileSync(out, 'utf8').split('\n').slice(0, -1)) {
      if (!line.startsWith('{') || !line.endsWith('}')) continue;
      const { message, openstack } = JSON.parse(line) as { message: string; openstack?: { extra?: { forwarded_id?: string } } };
      const ids = found.get(message) ?? new Set();
      ids.add(openstack?.extra?.forwarded_id ?? '');
      found.set(message, ids);
    }
    return found;
  };
  writeFileSync(log, '');
  sender.start();
  receiver.start();
  let written = 0;
  for (let round = 0; round < ROUNDS; round++) {
    const seen = arrived().size;
    const lines: string[] = [];
    for (let i = 0; i < LINES_A_ROUND; i++) lines.push(`2026-03-02 10:11:12.123 7 INFO nova.compute.manager [-] number ${written++}`);
    appendFileSync(log, `${lines.join('\n')}\n`);
    // Under way: some of this round is there, and not all.
    await until(
      () => arrived().size > seen,
      () => `more than ${seen}: ${receiver.said} ${sender.said}`,
    );
    const victim = round % 2 === 0 ? receiver : sender;
    await victim.stop('SIGKILL');
    victim.start();
  }
  await until(
    () => arrived().size >= written,
    () => `${arrived().size} of ${written}: ${receiver.said} ${sender.said}`,
  );
  await sender.stop('SIGTERM');
  await receiver.stop('SIGTERM');
  const found = arrived();
  t.is(found.size, written);
  t.true(
    [...found.values()].every((ids) => ids.size === 1),
    'what arrived twice had the same id',
  );
});

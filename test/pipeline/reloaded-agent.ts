import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { appendFileSync, existsSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { createInterface } from 'node:readline';
import type { ExecutionContext } from 'ava';
import { folderWith, MAIN } from '../commands/trilog.js';
import { NotifySocket } from '../telemetry/systemd/notify-socket.js';

/** A second output, which lets nothing through, ever. */
const HANGS = `export const plugin = {
  kind: 'output', type: 'hangs', summary: 'hangs', config: { safeParse: (data) => ({ success: true, data }) },
  create: () => ({ async open() {}, encode: (records) => records.length, write: () => new Promise(() => {}), async close() {} }),
};`;

/** A pack with one rule, for what the agent is given. */
export const rules = (id: string): string =>
  `pack: site\nrules:\n  - { id: ${id}, label: instance.failure, starts: "the frobnicator ", examples: { match: ["the frobnicator stops"] } }\n`;

export interface Said {
  readonly level: string;
  readonly message: string;
  readonly changed?: readonly string[];
}

export interface Written {
  readonly message: string;
  readonly event: { readonly id: string };
  readonly trilog: { readonly rule: string };
}

/** An agent with one rule of its own, which follows a log that this writes. */
export async function agent(t: ExecutionContext, { hanging = false, bert = false } = {}) {
  const socket = await NotifySocket.open(t);
  const folder = folderWith(t, { 'hangs.mjs': HANGS, 'site.yaml': rules('site.first'), 'nova.log': '' });
  const file = join(folder, 'trilog.yaml');
  const output = join(folder, 'out.ndjson');
  const configure = (keys: Record<string, unknown> = {}): void =>
    writeFileSync(
      file,
      JSON.stringify({
        data_dir: 'state',
        inputs: { nova: { type: 'file', include: ['nova.log'], read_from: 'beginning', poll_interval_ms: 20 } },
        classify: { bert: bert ? { model: 'openstack' } : false, known: false, rules: { packs: [], files: ['site.yaml'] } },
        outputs: { all: { type: 'file', path: output, rotate_bytes: 0 }, ...(hanging ? { hangs: { type: './hangs.mjs' } } : {}) },
        pipeline: { multiline_pause_ms: 20, stop_timeout_ms: hanging ? 1000 : 20_000 },
        log: { format: 'json', repeats_per_minute: 1000 },
        ...keys,
      }),
    );
  configure();
  const child = spawn(process.execPath, [MAIN, 'run', '-c', file], {
    stdio: ['ignore', 'ignore', 'pipe'],
    env: { ...process.env, NOTIFY_SOCKET: socket.path },
  });
  t.teardown(() => child.kill('SIGKILL'));
  const lines = createInterface({ input: child.stderr });
  const said: Said[] = [];
  lines.on('line', (line) => said.push(JSON.parse(line)));
  await socket.until(({ READY }) => READY === '1');
  /** Asks for a reload; gives what the agent said in it. */
  const reload = async (): Promise<readonly Said[]> => {
    const [from, since] = [said.length, socket.messages.length];
    child.kill('SIGHUP');
    await socket.until(({ RELOADING }) => RELOADING === '1', since);
    await socket.until(({ READY }) => READY === '1', since);
    // It has said all of it before that, on another way.
    while (said.length === from) await once(lines, 'line');
    return said.slice(from);
  };
  let next = 0;
  const log = (count: number): void => {
    const made = Array.from({ length: count }, () => `2026-03-02 10:11:12.123 7 INFO site [-] the frobnicator turned ${next++}\n`);
    appendFileSync(join(folder, 'nova.log'), made.join(''));
  };
  const written = (path: string): Written[] => {
    if (!existsSync(path)) return [];
    const whole = readFileSync(path, 'utf8').split('\n').slice(0, -1);
    return whole.map((line) => JSON.parse(line));
  };
  const arrived = async (records: number, path = output): Promise<readonly Written[]> => {
    for (;;) {
      const found = written(path);
      if (found.length >= records) return found;
      await new Promise((resolve) => setImmediate(resolve));
    }
  };
  const write = (name: string, text: string): void => writeFileSync(join(folder, name), text);
  return { folder, socket, child, configure, reload, log, arrived, write, pid: child.pid ?? 0 };
}

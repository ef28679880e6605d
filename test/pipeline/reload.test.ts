import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { appendFileSync, existsSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { createInterface } from 'node:readline';
import test, { type ExecutionContext } from 'ava';
import { folderWith, MAIN } from '../commands/trilog.js';
import { NotifySocket } from '../telemetry/systemd/notify-socket.js';

/** A second output, which lets nothing through, ever. */
const HANGS = `export const plugin = {
  kind: 'output', type: 'hangs', summary: 'hangs', config: { safeParse: (data) => ({ success: true, data }) },
  create: () => ({ async open() {}, encode: (records) => records.length, write: () => new Promise(() => {}), async close() {} }),
};`;

const rules = (id: string): string =>
  `pack: site\nrules:\n  - { id: ${id}, label: instance.failure, starts: "the frobnicator ", examples: { match: ["the frobnicator stops"] } }\n`;

interface Said {
  readonly level: string;
  readonly message: string;
  readonly changed?: readonly string[];
}

interface Written {
  readonly message: string;
  readonly event: { readonly id: string };
  readonly trilog: { readonly rule: string };
}

/** An agent with one rule of its own, which follows a log that this writes. */
async function agent(t: ExecutionContext, { hanging = false, bert = false } = {}) {
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
        outputs: { all: { type: 'file', path: output }, ...(hanging ? { hangs: { type: './hangs.mjs' } } : {}) },
        pipeline: { multiline_pause_ms: 20, stop_timeout_ms: 50 },
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
  const written = (): Written[] => {
    if (!existsSync(output)) return [];
    const whole = readFileSync(output, 'utf8').split('\n').slice(0, -1);
    return whole.map((line) => JSON.parse(line));
  };
  const arrived = async (records: number): Promise<readonly Written[]> => {
    for (;;) {
      const found = written();
      if (found.length >= records) return found;
      await new Promise((resolve) => setImmediate(resolve));
    }
  };
  const write = (name: string, text: string): void => writeFileSync(join(folder, name), text);
  return { folder, socket, child, configure, reload, log, arrived, write };
}

test('a rule that has changed is in use from the next record on, and the log says which file it was', async (t) => {
  const { folder, reload, log, arrived, write, child } = await agent(t);
  log(1);
  t.is((await arrived(1))[0]?.trilog.rule, 'site.first');
  write('site.yaml', rules('site.second'));
  const [said] = await reload();
  t.like(said, { level: 'info', message: 'the changed configuration is in use', changed: [join(folder, 'site.yaml')] });
  log(1);
  t.is((await arrived(2))[1]?.trilog.rule, 'site.second');
  t.like((await reload())[0], { message: 'the configuration was read again: nothing has changed' });
  child.kill('SIGTERM');
  t.deepEqual(await once(child, 'exit'), [0, null]);
});

test('what is wrong is refused with every error on a line, and the agent goes on as it was', async (t) => {
  const { socket, configure, reload, log, arrived, write } = await agent(t);
  configure({ outputs: { all: { type: 'nothing' } }, host: 7 });
  const refused = await reload();
  t.deepEqual(
    refused.map(({ level, message }) => [level, /^the changed configuration is refused: .*trilog\.yaml:1:\d+: (\S+):/.exec(message)?.[1]]),
    [
      ['error', 'outputs.all.type'],
      ['error', 'host'],
    ],
  );
  t.regex(socket.messages.at(-1)?.['STATUS'] ?? '', /the last reload was refused/);
  configure();
  write('site.yaml', 'pack: site\nrules:\n  - { id: x, label: no.such }\n');
  t.true((await reload()).every(({ level, message }) => level === 'error' && message.includes('site.yaml:3')));
  log(1);
  t.is((await arrived(1))[0]?.trilog.rule, 'site.first');
  write('site.yaml', rules('site.first'));
  await reload();
  t.notRegex(socket.messages.at(-1)?.['STATUS'] ?? '', /refused/);
});

test('what only a start takes is named by its keys, never by its values; the rest of the change is taken', async (t) => {
  const { configure, reload, log, arrived, write, folder } = await agent(t);
  write('site.yaml', rules('site.second'));
  configure({ host: 'elsewhere', pipeline: { multiline_pause_ms: 20, stop_timeout_ms: 51 } });
  const said = await reload();
  t.like(said.at(0), { changed: [join(folder, 'site.yaml')] });
  t.like(said.at(1), { level: 'warn', message: 'needs a restart: host, pipeline.stop_timeout_ms' });
  log(1);
  t.is((await arrived(1))[0]?.trilog.rule, 'site.second');
});

for (const hanging of [false, true]) {
  test(`reloads under load, good, bad and changed, lose and repeat nothing${hanging ? ' beside an output that hangs' : ''}`, async (t) => {
    const { reload, log, arrived, write, configure } = await agent(t, { hanging });
    const ROUNDS = 12;
    for (let round = 0; round < ROUNDS; round++) {
      log(300);
      if (round % 3 === 0) write('site.yaml', rules(`site.round_${round}`));
      else if (round % 3 === 1) write('site.yaml', 'rules: [');
      else configure({ host: `host-${round}` });
      const reloaded = reload();
      log(300);
      await reloaded;
    }
    const found = await arrived(600 * ROUNDS);
    t.is(found.length, 600 * ROUNDS);
    t.is(new Set(found.map(({ event }) => event.id)).size, 600 * ROUNDS);
    t.deepEqual(
      found.map(({ message }) => message),
      Array.from({ length: 600 * ROUNDS }, (_, i) => `the frobnicator turned ${i}`),
    );
  });
}

test('a model is replaced by another, or by none, while records wait for it', async (t) => {
  const { configure, reload, log, arrived, write } = await agent(t, { bert: true });
  write('site.yaml', rules('site.none').replace('the frobnicator ', 'nothing '));
  const classify = (bert: unknown) => ({ classify: { bert, known: false, rules: { packs: [], files: ['site.yaml'] } } });
  for (const bert of [{ model: 'openstack', min_confidence: 0.1 }, false, { model: 'openstack' }]) {
    configure(classify(bert));
    log(200);
    const reloaded = reload();
    log(200);
    t.true((await reloaded).some(({ message }) => message === 'the changed configuration is in use'));
  }
  const found = await arrived(1200);
  t.is(new Set(found.map(({ event }) => event.id)).size, 1200);
  t.is(found.length, 1200);
});

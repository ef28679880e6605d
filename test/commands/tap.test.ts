import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import { appendFileSync, writeFileSync } from 'node:fs';
import { createServer, get, type IncomingMessage } from 'node:http';
import type { AddressInfo } from 'node:net';
import { join } from 'node:path';
import type { Readable } from 'node:stream';
import { setTimeout as delay } from 'node:timers/promises';
import test, { type ExecutionContext } from 'ava';
import { folderWith, MAIN } from './trilog.js';

const FAILED = '2026-03-02 10:12:03.377 7 ERROR nova.compute.manager [-] Instance failed to spawn: nova.exception.PortBindingFailed: x';
const CLAIMED = '2026-03-02 10:11:12.001 7 INFO nova.compute.claims [-] Claim successful on node compute01';
const HOSTILE = '2026-03-02 10:11:12.001 7 WARNING nova.x [-] evil \u0007 \u009b5m \u202e end';

interface Agent {
  readonly base: string;
  readonly child: ChildProcess;
  /** Lines of a log that it follows. */
  say(...lines: readonly string[]): void;
}

/** What a stream says, as far as it has come. */
class Said {
  text = '';
  constructor(readonly stream: Readable) {
    stream.setEncoding('utf8').on('data', (more: string) => {
      this.text += more;
    });
  }

  /** @throws where the stream ends before. */
  async until(part: string | RegExp): Promise<void> {
    while (typeof part === 'string' ? !this.text.includes(part) : !part.test(this.text)) {
      if (this.stream.readableEnded) throw new Error(`${part} was not said: ${this.text}`);
      await Promise.race([once(this.stream, 'data'), once(this.stream, 'end')]);
    }
  }
}

async function agent(t: ExecutionContext, tap = true): Promise<Agent> {
  const folder = folderWith(t, { 'nova-compute.log': '' });
  const log = join(folder, 'nova-compute.log');
  const config = {
    data_dir: 'state',
    inputs: { nova: { type: 'file', include: [log], read_from: 'beginning', poll_interval_ms: 20 } },
    classify: { bert: false, known: false },
    outputs: { out: { type: 'file', path: 'out.ndjson' } },
    pipeline: { multiline_pause_ms: 20 },
    telemetry: { listen: '127.0.0.1:0', tap },
    log: { format: 'json' },
  };
  writeFileSync(join(folder, 'trilog.yaml'), JSON.stringify(config));
  const child = spawn(process.execPath, [MAIN, 'run', '-c', join(folder, 'trilog.yaml')], { stdio: ['ignore', 'ignore', 'pipe'] });
  t.teardown(async () => {
    if (child.exitCode !== null || child.signalCode !== null) return;
    child.kill('SIGKILL');
    await once(child, 'exit');
  });
  const said = new Said(child.stderr);
  await said.until('"message":"running"');
  const port = /"metrics and status can be read"[^\n]*"port":(\d+)/.exec(said.text)?.[1] ?? '';
  const say = (...lines: readonly string[]): void => appendFileSync(log, lines.map((line) => `${line}\n`).join(''));
  return { base: `http://127.0.0.1:${port}`, child, say };
}

function tap(t: ExecutionContext, { base }: Pick<Agent, 'base'>, ...options: readonly string[]) {
  const child = spawn(process.execPath, [MAIN, 'tap', ...(options.includes('--url') ? [] : ['--url', base]), ...options], {
    stdio: ['ignore', 'pipe', 'pipe'],
  });
  t.teardown(() => child.kill('SIGKILL'));
  const ended = once(child, 'close').then(([status]) => status as number | null);
  return { child, out: new Said(child.stdout), err: new Said(child.stderr), ended };
}

test.serial('a running agent shows what it labels: filtered, up to a count, for people and for machines', async (t) => {
  const nova = await agent(t);
  const taps = {
    people: tap(t, nova, '--count', '1', '--label', '*.failure', '--label', 'api.*', '--level', 'WARNING'),
    machine: tap(t, nova, '--count', '2', '--json', '--rate', '1000', '--service', 'nova-*', '--input', 'nova'),
    stage: tap(t, nova, '--count', '1', '--stage', 'none'),
  };
  for (const { err } of Object.values(taps)) await err.until('records of ');
  nova.say(CLAIMED, FAILED, HOSTILE);
  const statuses = await Promise.all(Object.values(taps).map(({ ended }) => ended));
  t.deepEqual(statuses, [0, 0, 0]);
  t.regex(
    taps.people.out.text,
    /^2026-03-02 10:12:03\.377 ERROR {4}instance\.failure +nova\.compute\.manager Instance failed to spawn.*\n$/,
  );
  const documents = taps.machine.out.text
    .trimEnd()
    .split('\n')
    .map((line) => JSON.parse(line));
  t.is(documents.length, 2);
  for (const document of documents) t.like(document, { service: { name: 'nova-compute' } });
  t.regex(taps.stage.out.text, /unclassified +nova\.x evil \\x07 \\x9b5m \\x202e end\n$/);
  t.regex(taps.people.err.text, /\n1 record shown; 1 matched of \d+ that passed; left out: none\n$/);
});

test.serial('hostile lines are harmless as JSON, too; Ctrl-C ends the tap and not the agent', async (t) => {
  const nova = await agent(t);
  const { child, out, err, ended } = tap(t, nova, '--json');
  await err.until('records of ');
  nova.say(HOSTILE);
  await out.until('\n');
  t.regex(out.text, /evil \\u0007 \\u009b5m \\u202e end/i);
  t.is(JSON.parse(out.text).message, 'evil \u0007 \u009b5m \u202e end');
  child.kill('SIGINT');
  t.is(await ended, 0);
  t.regex(err.text, /\n1 record shown/);
  t.is((await fetch(`${nova.base}/livez`)).status, 200);
});

test.serial('a reader that has seen enough ends the tap quietly', async (t) => {
  const nova = await agent(t);
  const { child, err, ended } = tap(t, nova);
  await err.until('records of ');
  child.stdout.destroy();
  nova.say(CLAIMED);
  t.is(await ended, 0);
});

test.serial('an agent that ends in order or by force ends its taps, with an error that says so', async (t) => {
  for (const [signal, said] of [
    ['SIGTERM', /the agent ends\nAGENT_ENDED: /],
    ['SIGKILL', /the connection (broke off|ended).*\nAGENT_ENDED: /],
  ] as const) {
    const nova = await agent(t);
    const { err, ended } = tap(t, nova);
    await err.until('records of ');
    nova.child.kill(signal);
    t.is(await ended, 69);
    t.regex(err.text, said);
  }
});

test.serial('an agent that is not configured for it, or busy, or asked for what it does not have, says so', async (t) => {
  const [closed, open] = await Promise.all([agent(t, false), agent(t)]);
  const off = tap(t, closed);
  t.is(await off.ended, 77);
  t.regex(off.err.text, /`telemetry: \{ tap: true \}`[^\n]*\nTAP_REFUSED: /);
  const unknown = tap(t, open, '--label', 'no.such');
  t.is(await unknown.ended, 64);
  t.regex(unknown.err.text, /^label "no\.such": no label of this agent matches it.*\nUSAGE: /);
  const requests = await Promise.all(
    Array.from({ length: 4 }, async () => {
      const request = get(`${open.base}/tap`, { agent: false }).on('error', () => {});
      await once(request, 'response');
      return request;
    }),
  );
  const busy = tap(t, open);
  t.is(await busy.ended, 75);
  t.regex(busy.err.text, /there are 4 taps already.*\nTAP_BUSY: /);
  for (const request of requests) request.destroy();
});

test.serial('a reader that does not read loses records, and holds nothing up', async (t) => {
  const nova = await agent(t);
  const request = get(`${nova.base}/tap?rate=1000`, { agent: false });
  t.teardown(() => request.destroy());
  const [answer] = (await once(request, 'response')) as [IncomingMessage];
  const stored = async (): Promise<number> => {
    const status = (await (await fetch(`${nova.base}/status`)).json()) as { outputs: { counts: { records?: number } }[] };
    return status.outputs[0]?.counts.records ?? 0;
  };
  const line = `${CLAIMED} ${'x'.repeat(3000)}`;
  // More than the buffers between the two hold; each round is longer than an interval.
  const rounds = 16;
  for (let round = 1; round <= rounds; round++) {
    nova.say(...Array<string>(250).fill(line));
    while ((await stored()) < 250 * round) await delay(250);
  }
  let rest = '';
  let last: { matched: number; shown: number; left_out: Record<string, number> } | undefined;
  for await (const chunk of answer.setEncoding('utf8')) {
    const lines = (rest + chunk).split('\n');
    rest = lines.pop() ?? '';
    for (const json of lines) if (json.startsWith('{"tap"')) last = JSON.parse(json).tap;
    if (last !== undefined && last.matched === rounds * 250) break;
  }
  t.true((last?.left_out['slow_reader'] ?? 0) > 0);
  t.is((last?.shown ?? 0) + Object.values(last?.left_out ?? {}).reduce((sum, count) => sum + count, 0), rounds * 250);
});

for (const [what, type, body, status] of [
  ['a page', 'text/html', '<html>', 200],
  ['another stream', 'application/x-ndjson', '{"version":1}\n', 200],
  ['an agent that knows no taps', 'text/plain', 'there is /status', 404],
] as const)
  test.serial(`where ${what} answers there is no tap`, async (t) => {
    const server = createServer((_, response) => response.writeHead(status, { 'content-type': type }).end(body)).listen(0, '127.0.0.1');
    await once(server, 'listening');
    t.teardown(() => {
      server.closeAllConnections();
      server.close();
    });
    const { port } = server.address() as AddressInfo;
    const { err, ended } = tap(t, { base: `http://127.0.0.1:${port}` });
    t.is(await ended, 69);
    t.regex(err.text, /(is not a tap|answers 404)\nAGENT_UNREACHABLE: /);
  });

for (const options of [
  ['--rate', '0'],
  ['--rate', '1001'],
  ['--count', '0'],
  ['--level', 'ALL'],
  ['--stage', 'rules'],
  ['--url', 'nowhere'],
])
  test.serial(`tap ${options.join(' ')} is an error of the command line`, async (t) => {
    const { ended } = tap(t, { base: 'http://127.0.0.1:9' }, ...options);
    t.is(await ended, 64);
  });

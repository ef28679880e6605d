import { X509Certificate } from 'node:crypto';
import { appendFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { setTimeout as pause } from 'node:timers/promises';
import test, { type ExecutionContext } from 'ava';
import { count, everyDocument } from './every-document.js';
import { FaultProxy } from './fault-proxy.js';
import { SearchServer } from './search-server.js';
import { folderOf, RunningAgent, trilog, writeConfig } from './trilog-process.js';

const TEST_MS = 240_000;
const WAIT_MS = 90_000;
const LINES = 50;

let server: SearchServer;

test.before('the server starts', async (t) => {
  t.timeout(600_000);
  server = await SearchServer.start({ engine: 'opensearch' });
});

test.after.always('the server ends', () => server?.stop());

const BASIC = `Basic ${Buffer.from('trilog:pass word').toString('base64')}`;

const WAYS: readonly [title: string, authorization: string, keys: object, trust: 'ca_file' | 'ca_fingerprint'][] = [
  ['basic credentials and a file of authorities', BASIC, { username: 'trilog', password: 'pass word' }, 'ca_file'],
  ['an API key and a fingerprint', 'ApiKey a2V5OnNlY3JldA==', { api_key: 'a2V5OnNlY3JldA==' }, 'ca_fingerprint'],
  ['a bearer token and a file of authorities', 'Bearer t0k3n', { bearer_token: 't0k3n' }, 'ca_file'],
];

for (const [i, [title, authorization, keys, trust]] of WAYS.entries())
  test(`setup, check and an agent reach a server by ${title}`, async (t) => {
    t.timeout(TEST_MS);
    const { folder, proxy, trusting } = await secured(t, authorization);
    const name = `logs-secured${i}-default`;
    const config = configOf(folder, 'right', proxy, { ...keys, ...trusting[trust], data_stream: name });
    writeLines(folder, 0, LINES);
    for (const args of [
      ['setup', 'opensearch', '-c', config, '--apply', '--yes'],
      ['check', '-c', config, '--connect'],
      ['run', '-c', config],
    ]) {
      const { status, out, err } = await trilog(...args);
      t.is(status, 0, `${args[0]}: ${err}`);
      // Credentials are told to nobody.
      t.notRegex(out + err, /pass word|c2VjcmV0|t0k3n|dHJpbG9n/, args[0]);
    }
    t.is(await count(server, name), LINES);
    t.is(proxy.counts.get('unauthorized'), undefined);
  });

test('wrong credentials and certificates that nobody vouches for are told by setup, check and the start of an agent', async (t) => {
  t.timeout(TEST_MS);
  const { folder, proxy, trusting } = await secured(t, BASIC);
  writeLines(folder, 0, LINES);
  const right = { username: 'trilog', password: 'pass word', data_stream: 'logs-refused-default' };
  const wrong = configOf(folder, 'wrong', proxy, { ...right, password: 'pass w0rd', ...trusting.ca_file });
  const unknown = configOf(folder, 'unknown', proxy, right);
  const another = configOf(folder, 'another', proxy, { ...right, ca_fingerprint: 'ab'.repeat(32) });
  const attempts: readonly [config: string, told: RegExp][] = [
    [wrong, /401 fault: refused by the proxy of a test/],
    [unknown, /certificate/],
    [another, /does not show an authority with that ca_fingerprint/],
  ];
  for (const [config, told] of attempts)
    for (const args of [
      ['setup', 'opensearch', '-c', config, '--apply', '--yes'],
      ['check', '-c', config, '--connect'],
    ]) {
      const { status, err } = await trilog(...args);
      t.is(status, 69, `${args[0]}: ${err}`);
      t.regex(err, told, args[0]);
      t.notRegex(err, /pass w0rd|pass word/);
    }
  const agent = await trilog('run', '-c', wrong);
  t.is(agent.status, 69, agent.err);
  t.regex(agent.err, /the credentials are refused: 401/);
  t.is(await count(server, 'logs-refused-default'), 0);
});

test('credentials that stop to be right are told loudly by an agent that runs, and nothing is lost until they are right again', async (t) => {
  t.timeout(TEST_MS);
  const name = 'logs-healed-default';
  const { folder, proxy, trusting } = await secured(t, BASIC);
  const keys = { username: 'trilog', password: 'pass word', data_stream: name, bulk_wait_ms: 50, ...trusting.ca_fingerprint };
  const config = configOf(folder, 'right', proxy, keys, true);
  const installed = await trilog('setup', 'opensearch', '-c', config, '--apply', '--yes');
  t.is(installed.status, 0, installed.err);

  writeLines(folder, 0, LINES);
  const agent = new RunningAgent(t, config);
  await until(t, agent, async () => (await count(server, name)) === LINES);
  t.notRegex(agent.said, /refuses documents/);
  proxy.authorization = 'Basic changed';
  writeLines(folder, LINES, 2 * LINES);
  await until(t, agent, () => agent.said.includes('the server refuses documents; they wait until this is put right'));
  t.regex(agent.said, /"level":"error".*401/);
  t.is(await count(server, name), LINES);
  proxy.authorization = BASIC;
  await until(t, agent, async () => (await count(server, name)) === 2 * LINES);
  t.is(await agent.stop(), 0);
  t.regex(agent.said, /the server takes documents again/);
  t.notRegex(agent.said, /pass word/);
  const messages: string[] = [];
  for await (const { source } of everyDocument(server, name, ['message'])) messages.push((source as { message: string }).message);
  t.deepEqual(messages.sort(), Array.from({ length: 2 * LINES }, (_, i) => messageOf(i)).sort());
});

/** A proxy with TLS before the server that wants these credentials, and how its certificate is trusted. */
async function secured(t: ExecutionContext, authorization: string) {
  const folder = folderOf(t);
  const proxy = await FaultProxy.start({ target: server.url, tls: true, authorization });
  t.teardown(() => proxy.close());
  writeFileSync(join(folder, 'ca.pem'), proxy.ca);
  const trusting = { ca_file: { ca_file: 'ca.pem' }, ca_fingerprint: { ca_fingerprint: new X509Certificate(proxy.ca).fingerprint256 } };
  return { folder, proxy, trusting };
}

function configOf(folder: string, name: string, { url }: FaultProxy, keys: object, follow = false): string {
  return writeConfig(folder, name, {
    data_dir: join(folder, name),
    inputs: { log: { type: 'file', include: [join(folder, '*.log')], read_from: 'beginning', follow, poll_interval_ms: 100 } },
    classify: { known: false, bert: false },
    outputs: { search: { type: 'opensearch', nodes: [url], ...keys } },
  });
}

function writeLines(folder: string, from: number, to: number): void {
  const lines = Array.from(
    { length: to - from },
    (_, i) => `2026-03-02 10:11:12.123 7 INFO nova.compute.manager [-] ${messageOf(from + i)}\n`,
  );
  appendFileSync(join(folder, 'nova-compute.log'), lines.join(''));
}

function messageOf(i: number): string {
  return `Took ${i}.25 seconds to build instance.`;
}

async function until(t: ExecutionContext, agent: RunningAgent, reached: () => boolean | Promise<boolean>): Promise<void> {
  const end = performance.now() + WAIT_MS;
  while (!(await reached())) {
    if (performance.now() > end) {
      t.fail(`not within ${WAIT_MS} ms: ${agent.said}`);
      return;
    }
    await pause(100);
  }
}

import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import test, { type ExecutionContext } from 'ava';
import type { Status } from '../../src/commands/top-status.js';
import { drawn, topLines } from '../../src/commands/top-text.js';
import { InputStanding, OutputStanding, Standing } from '../../src/telemetry/standing.js';
import { Tally } from '../../src/telemetry/tally.js';
import { showAt } from '../../src/telemetry/telemetry.js';
import { trilog } from '../services/search/trilog-process.js';
import { SILENT } from '../telemetry/silent-log.js';

const STATUS: Status = {
  version: '1.2.3',
  state: 'running',
  up_seconds: 3700,
  records: 1000,
  stages: { rule: 750, none: 250 },
  labels: { 'api.request': 750, unclassified: 250 },
  in_flight_bytes: 0,
  in_flight_limit_bytes: 1_000_000,
  inputs: [{ name: 'nova', type: 'file', lag: { unit: 'bytes', amount: 1500 }, behind_seconds: 5, counts: { records: 1000 } }],
  outputs: [
    {
      name: 'os',
      type: 'opensearch',
      queued_records: 3,
      failing: { reason: 'refused\n\x1b[2J', for_seconds: 61 },
      counts: { records: 900 },
    },
  ],
};

test('a table says how an agent stands, with rates since the look before', (t) => {
  const before = {
    ...STATUS,
    records: 800,
    stages: { rule: 600, none: 200 },
    inputs: [],
    outputs: STATUS.outputs.map((one) => ({ ...one, counts: { records: 800 } })),
  };
  const lines = topLines({ at: 4000, status: STATUS }, { at: 2000, status: before });
  t.regex(lines[0] ?? '', /^trilog 1\.2\.3 {2}running {2}up 1 h 1 min {2}1,000 records {2}100\/s {2}in flight 0 B of 1 MB$/);
  const row = (name: string): string => (lines.find((line) => line.startsWith(`  ${name} `)) ?? '').trim().replaceAll(/ {2,}/g, ' | ');
  t.is(row('nova'), 'nova | file | – | 1,000 | 1.5 kB | 5 s ago');
  t.is(row('os '), 'os | opensearch | 50/s | 900 | 3 | 0 | 0');
  t.is(row('os has'), 'os has failed for 1 min 1 s: refused \\x1b[2J');
  t.is(row('rule'), 'rule | 75/s | 750 | 75.0 %');
  t.is(row('unclassified'), 'unclassified | 0/s | 250 | 25.0 %');
});

test('an agent that began anew has no rate', (t) => {
  const lines = topLines({ at: 4000, status: STATUS }, { at: 2000, status: { ...STATUS, records: 5000 } });
  t.regex(lines[0] ?? '', /1,000 records {2}– {2}/);
});

test('what is drawn fits the terminal', (t) => {
  t.is(drawn(['abcdef', 'b', 'c', 'd'], 3, 4), '\x1b[Habcd\x1b[K\nb\x1b[K\n\x1b[J');
});

async function agentAt(t: ExecutionContext): Promise<string> {
  const tally = new Tally();
  tally.count('inputs.nova.records', 7);
  const standing = new Standing(tally, { bytes: 5, maxBytes: 100 });
  standing.inputs = [new InputStanding('nova', 'file')];
  standing.outputs = [new OutputStanding('os', 'opensearch')];
  const telemetry = await showAt({ host: '127.0.0.1', port: 0, tap: false }, standing, SILENT);
  t.teardown(() => telemetry.close());
  return `http://127.0.0.1:${telemetry.port}`;
}

test('the command asks a running agent', async (t) => {
  const { status, out, err } = await trilog('top', '--once', '--interval', '0.1', '--url', await agentAt(t));
  t.deepEqual([status, err], [0, '']);
  t.regex(out, /^ {2}nova +file +0\/s +7 +– +–$/m);
});

async function answering(t: ExecutionContext, body: string, status = 200): Promise<string> {
  const server = createServer((_, response) => response.writeHead(status).end(body)).listen(0, '127.0.0.1');
  await new Promise((resolve) => server.once('listening', resolve));
  t.teardown(() => {
    server.closeAllConnections();
    server.close();
  });
  return `http://127.0.0.1:${(server.address() as AddressInfo).port}`;
}

for (const [what, body, status, said] of [
  ['something else', '<html>', 200, /not the status of an agent/],
  ['another status', '{"version": 1}', 200, /not the status of an agent/],
  ['a refusal', 'no', 404, /it answers 404/],
  ['no end', ' '.repeat(2_000_000), 200, /has no end/],
] as const)
  test(`where ${what} answers there is no agent`, async (t) => {
    const { status: exit, err } = await trilog('top', '--once', '--url', await answering(t, body, status));
    t.is(exit, 69);
    t.regex(err, said);
    t.regex(err, /AGENT_UNREACHABLE/);
  });

test('where nobody answers it says so', async (t) => {
  const server = createServer().listen(0, '127.0.0.1');
  await new Promise((resolve) => server.once('listening', resolve));
  const { port } = server.address() as AddressInfo;
  await new Promise((resolve) => server.close(resolve));
  const { status, err } = await trilog('top', '--once', '--url', `http://127.0.0.1:${port}`);
  t.is(status, 69);
  t.regex(err, /ECONNREFUSED/);
});

test('an address that is none is an error of the command line', async (t) => {
  t.is((await trilog('top', '--url', 'nowhere')).status, 64);
});

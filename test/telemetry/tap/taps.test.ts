import { once } from 'node:events';
import { type ClientRequest, get, type IncomingMessage } from 'node:http';
import { connect } from 'node:net';
import { text } from 'node:stream/consumers';
import test, { type ExecutionContext } from 'ava';
import { LogRecord } from '../../../src/record/record.js';
import { InputStanding, Standing } from '../../../src/telemetry/standing.js';
import { Tally } from '../../../src/telemetry/tally.js';
import { isOwnName, MAX_TAPS } from '../../../src/telemetry/tap/taps.js';
import { showAt, type Telemetry } from '../../../src/telemetry/telemetry.js';
import { SILENT } from '../silent-log.js';

const SOURCE = { id: 's', input: 'nova', name: 's', program: 'nova', host: 'h', timezone: 'Etc/UTC', format: 'auto' };

async function shown(
  t: ExecutionContext,
  tap = true,
): Promise<{ telemetry: Telemetry; base: string; ended: (count: number) => Promise<void> }> {
  let gone = 0;
  let told = (): void => {};
  const log = {
    ...SILENT,
    info: (message: string) => {
      if (message === 'a tap has ended') gone++;
      told();
    },
  };
  const standing = new Standing(new Tally(), { bytes: 0, maxBytes: 1 }, 'compute01');
  standing.inputs = [new InputStanding('nova', 'file')];
  const telemetry = await showAt({ host: '127.0.0.1', port: 0, tap }, standing, log);
  t.teardown(() => telemetry.close().catch(() => {}));
  const ended = async (count: number): Promise<void> => {
    while (gone < count) await new Promise<void>((resolve) => (told = resolve));
  };
  return { telemetry, base: `http://127.0.0.1:${telemetry.port}`, ended };
}

async function opened(url: string): Promise<{ request: ClientRequest; answer: IncomingMessage }> {
  const request = get(url, { agent: false });
  request.on('error', () => {});
  const [answer] = (await once(request, 'response')) as [IncomingMessage];
  return { request, answer };
}

/** A record that passes, as often as it takes. */
function passing(t: ExecutionContext, telemetry: Telemetry, message = 'said'): void {
  const record = new LogRecord(SOURCE, 0, message);
  const timer = setInterval(() => telemetry.probe.leaving([record]), 20);
  t.teardown(() => clearInterval(timer));
}

test('where the configuration does not say so nothing is shown, and it is said what to set', async (t) => {
  const { base } = await shown(t, false);
  const answer = await fetch(`${base}/tap`);
  t.is(answer.status, 403);
  t.regex(await answer.text(), /`telemetry: \{ tap: true \}`/);
});

test('a request that is wrong is refused in words', async (t) => {
  const { base } = await shown(t);
  const answer = await fetch(`${base}/tap?input=glance`);
  t.deepEqual([answer.status, await answer.text()], [400, 'input "glance": this agent has: nova\n']);
});

test('nobody can be shown more by asking otherwise than by GET', async (t) => {
  const { base } = await shown(t);
  t.is((await fetch(`${base}/tap`, { method: 'POST' })).status, 405);
  const head = await fetch(`${base}/tap`, { method: 'HEAD' });
  t.deepEqual([head.status, await head.text()], [200, '']);
});

test('more taps than there may be are refused until one has gone', async (t) => {
  const { base, ended } = await shown(t);
  const open = [];
  for (let i = 0; i < MAX_TAPS; i++) open.push(await opened(`${base}/tap`));
  const refused = await fetch(`${base}/tap`);
  t.is(refused.status, 503);
  t.regex(await refused.text(), /taps already/);
  open[0]?.request.destroy();
  await ended(1);
  const next = await opened(`${base}/tap`);
  t.is(next.answer.statusCode, 200);
  for (const { request } of [...open, next]) request.destroy();
  await ended(MAX_TAPS + 1);
});

test('requests behind a tap on its connection open no other', async (t) => {
  const { telemetry, base, ended } = await shown(t);
  const socket = connect(telemetry.port, '127.0.0.1').on('error', () => {});
  socket.write('GET /tap HTTP/1.1\r\nhost: localhost\r\n\r\n'.repeat(50));
  await once(socket, 'data');
  const more = [];
  for (let i = 1; i < MAX_TAPS; i++) more.push(await opened(`${base}/tap`));
  for (const { answer } of more) t.is(answer.statusCode, 200);
  socket.destroy();
  for (const { request } of more) request.destroy();
  await ended(MAX_TAPS);
});

test('what passes is shown, and the stream ends with the count', async (t) => {
  const { telemetry, base } = await shown(t);
  const { answer } = await opened(`${base}/tap?count=3&service=nova`);
  t.is(answer.headers['content-type'], 'application/x-ndjson');
  passing(t, telemetry);
  const lines = (await text(answer))
    .trimEnd()
    .split('\n')
    .map((line) => JSON.parse(line));
  t.deepEqual(
    lines.slice(0, 3).map(({ message }) => message),
    ['said', 'said', 'said'],
  );
  t.like(lines[3], { tap: { shown: 3, end: 'count' } });
});

test('an agent that ends says so to every reader, and does not wait for one that does not read', async (t) => {
  const { telemetry, base } = await shown(t);
  const [reading, silent] = [await opened(`${base}/tap`), await opened(`${base}/tap?rate=1000`)];
  passing(t, telemetry);
  await once(reading.answer, 'readable');
  await telemetry.close();
  t.like(JSON.parse((await text(reading.answer)).trimEnd().split('\n').at(-1) ?? ''), { tap: { end: 'agent' } });
  silent.request.destroy();
});

test('a record that cannot be shown ends the tap, and nothing else', async (t) => {
  const { telemetry, base, ended } = await shown(t);
  const { answer } = await opened(`${base}/tap`);
  answer.on('error', () => {}).resume();
  const defect = Object.defineProperty(new LogRecord(SOURCE, 0, 'x'), 'message', {
    get: () => {
      throw new Error('defect');
    },
  });
  t.notThrows(() => telemetry.probe.leaving([defect]));
  await ended(1);
});

for (const [host, own] of [
  ['127.0.0.1:9598', true],
  ['[::1]:9598', true],
  ['10.0.0.1', true],
  ['localhost:9598', true],
  ['COMPUTE01:9598', true],
  ['evil.example', false],
  ['127.0.0.1.evil.example:9598', false],
  ['', false],
] as const)
  test(`asked for as ${JSON.stringify(host)} an agent ${own ? 'answers' : 'does not answer'}`, (t) => {
    t.is(isOwnName(host, ['0.0.0.0', 'compute01']), own);
  });

test('a page of another site that has its name resolve here gets nothing', async (t) => {
  const { telemetry } = await shown(t);
  const request = get({ host: '127.0.0.1', port: telemetry.port, path: '/tap', headers: { host: 'evil.example' }, agent: false });
  const [answer] = (await once(request, 'response')) as [IncomingMessage];
  t.is(answer.statusCode, 403);
  t.regex(await text(answer), /by a name that is not one of this agent/);
});

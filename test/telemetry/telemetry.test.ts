import { connect } from 'node:net';
import { text } from 'node:stream/consumers';
import test, { type ExecutionContext } from 'ava';
import { LogRecord } from '../../src/record/record.js';
import { InputStanding, OutputStanding, Standing } from '../../src/telemetry/standing.js';
import { Tally } from '../../src/telemetry/tally.js';
import { showAt } from '../../src/telemetry/telemetry.js';
import { SILENT } from './silent-log.js';

const SOURCE = { id: 's', input: 'nova', name: 's', program: '', host: 'h', timezone: 'Etc/UTC', format: 'auto' };

interface Status {
  readonly outputs: readonly { readonly failing: { readonly reason: string } | null }[];
}

async function shown(t: ExecutionContext) {
  const tally = new Tally();
  const input = new InputStanding('nova', 'file');
  const standing = new Standing(tally, { bytes: 5, maxBytes: 100 });
  standing.inputs = [input];
  const output = new OutputStanding('os', 'opensearch', () => 1000);
  output.hasQueue(() => 7);
  standing.outputs = [output];
  const telemetry = await showAt({ host: '127.0.0.1', port: 0, tap: false }, standing, SILENT);
  t.teardown(() => telemetry.close());
  const get = (path: string, init?: RequestInit) => fetch(`http://127.0.0.1:${telemetry.port}${path}`, init);
  return { tally, standing, input, output, telemetry, get };
}

/** The samples of an exposition, by name and labels. */
async function samples(answer: Response): Promise<ReadonlyMap<string, number>> {
  const lines = (await answer.text()).split('\n').filter((line) => line !== '' && !line.startsWith('#'));
  return new Map(lines.map((line) => [line.slice(0, line.lastIndexOf(' ')), Number(line.slice(line.lastIndexOf(' ') + 1))]));
}

test('metrics say what was counted by the time of the question', async (t) => {
  const { tally, output, telemetry, get } = await shown(t);
  const record = new LogRecord(SOURCE, 0, 'x');
  record.label = 'instance.failure';
  record.stage = 'rule';
  tally.add([record, new LogRecord(SOURCE, 1, 'y')]);
  tally.count('inputs.nova.records', 2);
  tally.count('outputs.os.dead_letters', 1);
  tally.count('llm.rejected.unsure', 3);
  telemetry.probe.settled('nova', 0.2);
  output.failed('refused');
  await get('/metrics');
  tally.count('inputs.nova.records', 1);
  const answer = await get('/metrics');
  t.regex(answer.headers.get('content-type') ?? '', /^text\/plain; version=0\.0\.4/);
  const found = await samples(answer);
  const expected: Record<string, number> = {
    'trilog_input_records_total{input="nova"}': 3,
    'trilog_output_dead_letters_total{output="os"}': 1,
    'trilog_stage_records_total{stage="rule"}': 1,
    'trilog_stage_records_total{stage="none"}': 1,
    'trilog_label_records_total{label="instance.failure"}': 1,
    'trilog_llm_rejected_total{reason="unsure"}': 3,
    'trilog_settle_seconds_count{input="nova"}': 1,
    trilog_in_flight_bytes: 5,
    'trilog_output_queue_records{output="os"}': 7,
    'trilog_output_failing{output="os"}': 1,
    trilog_ready: 0,
  };
  t.deepEqual(Object.fromEntries(Object.keys(expected).map((name) => [name, found.get(name)])), expected);
  t.true((found.get('process_resident_memory_bytes') ?? 0) > 0);
});

test('what has not happened yet is 0, so that its first time is an increase', async (t) => {
  const { tally, get } = await shown(t);
  const dead = 'trilog_output_dead_letters_total{output="os"}';
  t.is((await samples(await get('/metrics'))).get(dead), 0);
  tally.count('outputs.os.dead_letters', 2);
  t.is((await samples(await get('/metrics'))).get(dead), 2);
});

test('an input says how far behind it is, by what it counts in', async (t) => {
  const { input, get } = await shown(t);
  const before = await samples(await get('/metrics'));
  t.false([...before.keys()].some((name) => name.startsWith('trilog_input_lag') || name.startsWith('trilog_input_behind')));
  t.like(await (await get('/status')).json(), { inputs: [{ name: 'nova', lag: null, behind_seconds: null }] });
  input.opened({ lag: () => ({ unit: 'messages', amount: 12 }) });
  input.settled(Date.now() - 3_600_000);
  const after = await samples(await get('/metrics'));
  t.is(after.get('trilog_input_lag_messages{input="nova"}'), 12);
  t.false(after.has('trilog_input_lag_bytes{input="nova"}'));
  t.true((after.get('trilog_input_behind_seconds{input="nova"}') ?? 0) >= 3600);
  const status = (await (await get('/status')).json()) as { inputs: { lag: unknown; behind_seconds: number }[] };
  t.deepEqual(status.inputs[0]?.lag, { unit: 'messages', amount: 12 });
  t.true((status.inputs[0]?.behind_seconds ?? 0) >= 3600);
});

test('an input that throws when it is asked has no lag', (t) => {
  const input = new InputStanding('own', './own.js');
  input.opened({
    lag: () => {
      throw new Error('defect');
    },
  });
  t.is(input.lag, null);
});

test('the newest stored record is the one whose time is last, whatever times come', (t) => {
  let now = 1000;
  const input = new InputStanding('nova', 'file', () => now);
  const said = (time: number): number | null => {
    input.settled(time);
    return input.newest;
  };
  t.deepEqual([said(Number.NaN), said(500), said(400), said(Number.NaN)], [null, 500, 500, 500]);
  t.is(said(9_999_999), 1000, 'a time to come counts as now');
  now = 2000;
  t.is(said(1500), 1500, 'and does not hide what comes after it');
});

test('ready is who runs; alive is who answers', async (t) => {
  const { standing, get } = await shown(t);
  const said = async (path: string): Promise<[number, string]> => {
    const answer = await get(path);
    return [answer.status, (await answer.text()).trim()];
  };
  t.deepEqual(
    [await said('/readyz'), await said('/livez')],
    [
      [503, 'starting'],
      [200, 'alive'],
    ],
  );
  standing.state = 'running';
  t.deepEqual(await said('/readyz'), [200, 'ready']);
  standing.state = 'stopping';
  t.deepEqual(
    [await said('/readyz'), await said('/livez')],
    [
      [503, 'stopping'],
      [200, 'alive'],
    ],
  );
});

test('the status names what fails, and since when', async (t) => {
  const { tally, output, get } = await shown(t);
  tally.count('outputs.os.retries', 2);
  tally.count('outputs.os-2.retries', 9);
  tally.count('llm.calls', 4);
  output.failed('first');
  output.failed('second');
  const status = (await (await get('/status')).json()) as Status;
  t.like(status, {
    state: 'starting',
    in_flight_bytes: 5,
    cascade: { 'llm.calls': 4 },
    inputs: [{ name: 'nova', type: 'file', counts: {} }],
  });
  t.like(status.outputs[0], { name: 'os', queued_records: 7, counts: { retries: 2 } });
  t.is(status.outputs[0]?.failing?.reason, 'second');
  output.wrote();
  t.like(await (await get('/status')).json(), { outputs: [{ failing: null }] });
});

test('there is nothing to change, and no other path', async (t) => {
  const { get } = await shown(t);
  t.is((await get('/metrics', { method: 'POST', body: 'x' })).status, 405);
  t.is((await get('/__proto__')).status, 404);
  t.is((await get('/metrics?x=1')).status, 200);
  const head = await get('/livez', { method: 'HEAD' });
  t.deepEqual([head.status, await head.text(), head.headers.get('content-length')], [200, '', '6']);
});

test('headers that do not end are not waited for without bound', async (t) => {
  const { telemetry } = await shown(t);
  const socket = connect(telemetry.port, '127.0.0.1');
  t.teardown(() => socket.destroy());
  const answered = text(socket);
  socket.write(`GET /livez HTTP/1.1\r\nhost: x\r\nx: ${'y'.repeat(20_000)}`);
  t.regex(await answered, /^HTTP\/1\.1 431 /);
});

test('an address that is taken is an error with its own code', async (t) => {
  const { telemetry } = await shown(t);
  const standing = new Standing(new Tally(), { bytes: 0, maxBytes: 1 });
  await t.throwsAsync(showAt({ host: '127.0.0.1', port: telemetry.port, tap: false }, standing, SILENT), {
    code: 'TELEMETRY_FAILED',
    message: /EADDRINUSE/,
  });
});

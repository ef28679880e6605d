import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import test, { type ExecutionContext } from 'ava';
import { PACKAGE_ROOT } from '../../src/paths.js';

const main = join(PACKAGE_ROOT, 'dist', 'src', 'main.js');
const compute = join(PACKAGE_ROOT, 'examples', 'sample-logs', 'nova-compute.log');
/** Records in it. */
const RECORDS = 13;

/** An output whose `write` is this; `parcels` are lists of messages. */
function outputPlugin(write: string): string {
  return `export const plugin = {
    kind: 'output', type: 'mine', summary: 'mine', config: { safeParse: (data) => ({ success: true, data }) },
    create: () => ({
      async open() {},
      encode: (records) => records.map(({ message }) => message),
      async write(parcels) { ${write} },
      async close() {},
    }),
  };`;
}

/** An agent's folder with these files, gone after the test. */
function place(t: ExecutionContext, files: Readonly<Record<string, string>> = {}): string {
  const folder = mkdtempSync(join(tmpdir(), 'trilog-run-'));
  t.teardown(() => rmSync(folder, { recursive: true, force: true }));
  for (const [name, content] of Object.entries(files)) writeFileSync(join(folder, name), content);
  return folder;
}

/** Starts an agent that reads the sample log into these outputs. */
function run(folder: string, outputs: Record<string, unknown>, { follow = true, stop_timeout_ms = 60_000 } = {}) {
  const config = join(folder, 'trilog.yaml');
  writeFileSync(
    config,
    JSON.stringify({
      data_dir: 'state',
      inputs: { logs: { type: 'file', include: [compute], read_from: 'beginning', follow, poll_interval_ms: 20 } },
      classify: { bert: false, known: false },
      outputs,
      pipeline: { multiline_pause_ms: 20, stop_timeout_ms },
      log: { format: 'json' },
    }),
  );
  const child = spawn(process.execPath, [main, 'run', '-c', config], { stdio: ['ignore', 'pipe', 'pipe'] });
  const said = { out: '', err: '' };
  child.stdout.setEncoding('utf8').on('data', (text) => {
    said.out += text;
  });
  child.stderr.setEncoding('utf8').on('data', (text) => {
    said.err += text;
  });
  return { child, said };
}

async function ended(child: ChildProcess): Promise<number | null> {
  const [status] = await once(child, 'close');
  return status;
}

/** What the agent said in its own log. */
function messages(err: string): Record<string, unknown>[] {
  return err
    .trimEnd()
    .split('\n')
    .map((line) => JSON.parse(line));
}

for (const signal of ['SIGINT', 'SIGTERM'] as const) {
  test.serial(`${signal} ends the agent in order`, async (t) => {
    const { child, said } = run(place(t), { out: { type: 'stdout' } });
    while (said.out.split('\n').length <= RECORDS) await once(child.stdout, 'data');
    child.kill(signal);
    t.is(await ended(child), 0);
    const last = messages(said.err).at(-1);
    t.is(last?.['message'], 'stopped');
    t.is(last?.['records'], RECORDS);
  });
}

test.serial('an output that does not settle ends with the stop deadline; what is unsettled is read again at the next start', async (t) => {
  const folder = place(t, { 'stuck.mjs': outputPlugin("process.stdout.write('stuck\\n'); await new Promise(() => {});") });
  const first = run(folder, { out: { type: './stuck.mjs' } }, { stop_timeout_ms: 50 });
  await once(first.child.stdout, 'data');
  first.child.kill('SIGTERM');
  t.is(await ended(first.child), 0);
  const warning = messages(first.said.err).find(({ level }) => level === 'warn');
  t.regex(String(warning?.['message']), /^Outputs did not settle before the stop deadline/);
  t.true(Number(warning?.['unsettled_bytes']) > 0);
  const second = run(folder, { out: { type: 'stdout' } }, { follow: false });
  t.is(await ended(second.child), 0);
  t.is(second.said.out.trimEnd().split('\n').length, RECORDS);
});

test.serial('what an output refuses is in the dead letters with the reason, and is not read again', async (t) => {
  const reject =
    "return parcels.flat().filter((message) => message.includes('spawn')).map((message) => ({ document: JSON.stringify({ message }), reason: 'mapping: no' }));";
  const folder = place(t, { 'picky.mjs': outputPlugin(reject) });
  const outputs = { picky: { type: './picky.mjs' }, out: { type: 'stdout' } };
  const first = run(folder, outputs, { follow: false });
  t.is(await ended(first.child), 0);
  t.is(first.said.out.trimEnd().split('\n').length, RECORDS);
  const letters = messages(readFileSync(join(folder, 'state', 'dead-letters.ndjson'), 'utf8'));
  t.true(letters.length > 0);
  for (const { output, reason, record, time } of letters) {
    t.deepEqual([output, reason], ['picky', 'mapping: no']);
    t.true((record as { message: string }).message.includes('spawn'));
    t.false(Number.isNaN(Date.parse(String(time))));
  }
  t.like(messages(first.said.err).at(-1), {
    counts: { 'outputs.picky.dead_letters': letters.length, 'outputs.picky.records': RECORDS - letters.length },
  });
  const second = run(folder, outputs, { follow: false });
  t.is(await ended(second.child), 0);
  t.is(second.said.out, '');
});

test.serial('an output that breaks the contract ends the agent with its code and without a stack', async (t) => {
  const folder = place(t, { 'broken.mjs': outputPlugin("return 'done';") });
  const { child, said } = run(folder, { out: { type: './broken.mjs' } });
  t.is(await ended(child), 70);
  t.regex(said.err, /\noutput out: write\(\) resolved to something else than a list of .*\nPLUGIN_BROKEN: .*\n$/);
  t.true(said.err.includes('"stopping"'));
});

test.serial('a type that does not exist is told with its line and what to do', async (t) => {
  const { child, said } = run(place(t), { out: { type: 'pulsar' } });
  t.is(await ended(child), 78);
  t.regex(said.err, /trilog\.yaml:1:\d+: outputs\.out\.type: there is no output "pulsar": .* Name a package .*\nCONFIG_INVALID: /);
});

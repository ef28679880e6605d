import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { appendFileSync, existsSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { text } from 'node:stream/consumers';
import { setTimeout as pause } from 'node:timers/promises';
import test, { type ExecutionContext } from 'ava';
import { hang } from '../stages/llm/behaviours.js';
import { server } from '../stages/llm/opened.js';
import type { ScriptedServer } from '../stages/llm/scripted-server.js';
import { folderWith, MAIN } from './trilog.js';

const AUTH = () => ({ label: 'auth.failure', confidence: 0.9 });
const LINE = '2026-03-02 10:11:12.123 7 ERROR site.agent [-] Wobble of 10.0.0.1 refused\n';

/** An output that writes down what it stores and what it is told to amend. */
const AMENDABLE = `import { appendFileSync } from 'node:fs';
export const plugin = {
  kind: 'output', type: 'mine', summary: 'mine', config: { safeParse: (data) => ({ success: true, data }) },
  create: ({ path }) => ({
    async open() {},
    encode: (records) => records.map(({ id, label }) => \`sent \${id} \${label}\\n\`),
    async write(parcels) { appendFileSync(path, parcels.flat().join('')); return []; },
    async amend(amendments) { appendFileSync(path, amendments.map(({ id, label, stage }) => \`amended \${id} \${label} by \${stage}\\n\`).join('')); },
    async close() {},
  }),
};`;

/** An agent's folder. `rules` is left to the tests that show a rule: reading the pack takes longer than what the others show. */
function place(
  t: ExecutionContext,
  { baseUrl }: ScriptedServer,
  rules: object = { packs: [] },
): { folder: string; config: string; log: string } {
  const folder = folderWith(t, { 'agent.log': LINE, 'amendable.js': AMENDABLE });
  const [config, log] = [join(folder, 'trilog.yaml'), join(folder, 'agent.log')];
  const outputs = { out: { type: 'file', path: 'out.ndjson' }, mine: { type: './amendable.js', path: join(folder, 'amendable.txt') } };
  writeFileSync(
    config,
    JSON.stringify({
      data_dir: 'state',
      inputs: { log: { type: 'file', include: [log], read_from: 'beginning', poll_interval_ms: 20 } },
      classify: { bert: false, known: false, llm: { base_url: baseUrl, model: 'scripted', linger_ms: 0 }, rules },
      outputs,
      pipeline: { multiline_pause_ms: 20, stop_timeout_ms: 10_000 },
      log: { format: 'json' },
    }),
  );
  return { folder, config, log };
}

/** The server is in this process: a command must not stop it. */
async function trilog(args: readonly string[], input = ''): Promise<{ status: number; out: string; err: string }> {
  const child = spawn(process.execPath, [MAIN, ...args]);
  child.stdin.end(input);
  const [[status], out, err] = await Promise.all([once(child, 'exit') as Promise<[number]>, text(child.stdout), text(child.stderr)]);
  return { status, out, err };
}

function read(file: string): string {
  return existsSync(file) ? readFileSync(file, 'utf8') : '';
}

async function until(condition: () => boolean): Promise<void> {
  for (let i = 0; i < 2000 && !condition(); i++) await pause(10);
}

test.serial('an agent labels the next record of a template, amends what it can, and asks nothing anew after a restart', async (t) => {
  const of = await server(t, { labelling: AUTH });
  const { folder, config, log } = place(t, of, {});
  const labels = (): string[] =>
    read(join(folder, 'out.ndjson'))
      .split('\n')
      .slice(0, -1)
      .map((line) => (JSON.parse(line) as { trilog: { label: string } }).trilog.label);
  const amended = (): string => read(join(folder, 'amendable.txt'));
  const run = async (act: () => Promise<void>): Promise<string> => {
    const child = spawn(process.execPath, [MAIN, 'run', '-c', config], { stdio: ['ignore', 'ignore', 'pipe'] });
    const said = text(child.stderr);
    await act();
    child.kill('SIGTERM');
    t.is((await once(child, 'exit'))[0], 0);
    return await said;
  };
  const said = await run(async () => {
    await until(() => amended().includes('amended'));
    appendFileSync(log, LINE);
    await until(() => labels().length === 2);
  });
  t.deepEqual(labels(), ['unclassified', 'auth.failure']);
  t.regex(amended(), /^sent (\S+) unclassified\namended \1 auth\.failure by llm\nsent \S+ auth\.failure\n$/);
  const counts = JSON.parse(said.trimEnd().split('\n').at(-1) ?? '') as { counts: Record<string, number> };
  t.deepEqual(
    ['llm.calls', 'llm.templates', 'llm.cache_hits', 'outputs.mine.amended'].map((name) => counts.counts[name]),
    [1, 1, 1, 1],
  );
  await run(async () => {
    appendFileSync(log, LINE);
    await until(() => labels().length === 3);
  });
  t.deepEqual([labels()[2], of.requests.length], ['auth.failure', 1]);
  const { out } = await trilog(['memory', 'ls', '-c', config]);
  t.regex(out, / auth\.failure 90 % llm +ERROR +site\.agent: Wobble of <ip> refused\n/);
});

test.serial('an endpoint that never answers neither holds records nor the end of an agent', async (t) => {
  const of = await server(t);
  of.respond(hang());
  const { folder, config, log } = place(t, of);
  writeFileSync(log, LINE.repeat(500));
  const child = spawn(process.execPath, [MAIN, 'run', '-c', config], { stdio: 'ignore' });
  await until(() => read(join(folder, 'out.ndjson')).split('\n').length > 500);
  await of.received(1);
  child.kill('SIGTERM');
  t.is((await once(child, 'exit'))[0], 0);
  t.is(read(join(folder, 'out.ndjson')).split('\n').length - 1, 500);
});

test.serial('classify waits for the answers, and its summary tells what was asked', async (t) => {
  const of = await server(t, { labelling: AUTH });
  const { config, log } = place(t, of);
  const { status, out, err } = await trilog(['classify', '-c', config, '--stages', 'llm', log]);
  t.is(status, 0);
  t.is((JSON.parse(out) as { trilog: { label: string; stage: string } }).trilog.stage, 'llm');
  t.regex(err, /by llm +1 /);
  t.regex(err, /llm\.calls +1\b/);
  const without = await trilog(['classify', '--stages', 'llm', log]);
  t.is(without.status, 64);
  t.regex(without.err, /the stage llm needs an endpoint/);
  const off = await trilog(['classify', '-c', config, '--stages', 'rules,known,bert', '--quiet', log]);
  t.is((JSON.parse(off.out) as { trilog: { label: string } }).trilog.label, 'unclassified');
  t.is(of.requests.length, 1);
});

test.serial('explain shows the answer of the language model, or exactly what would be sent and sends nothing', async (t) => {
  const of = await server(t, { labelling: AUTH });
  const { config } = place(t, of, {});
  const shown = await trilog(['explain', '-c', config, '--llm-request', LINE.trimEnd()]);
  t.is(shown.status, 0);
  t.is(of.requests.length, 0);
  const [head, ...body] = shown.out.split('\n');
  t.is(head, `POST ${of.baseUrl}/chat/completions`);
  const explained = await trilog(['explain', '-c', config, LINE.trimEnd()]);
  t.regex(explained.out, /scripted\/prompt1-[0-9a-f]{12}:\n +90\.0 % auth\.failure\nlabel: auth\.failure \(/);
  const withoutMark = (json: string): string => json.replaceAll(/[0-9a-f]{16}/g, 'MARK');
  t.deepEqual(JSON.parse(withoutMark(body.join('\n'))), JSON.parse(withoutMark(of.requests[0]?.text ?? '')));
  t.notRegex(of.requests[0]?.text ?? '', /10\.0\.0\.1/);
  const ruled = await trilog([
    'explain',
    '-c',
    config,
    '--llm-request',
    '2026-03-02 10:11:12.123 7 ERROR nova.compute.manager [-] Instance failed to spawn',
  ]);
  t.regex(ruled.out, /^nothing is sent: the record is answered by rule\n$/);
  t.is((await trilog(['explain', '--llm-request', LINE])).status, 64);
});

test.serial('eval knows the stage', async (t) => {
  const of = await server(t, { labelling: AUTH });
  const { config, folder } = place(t, of);
  const labels = join(folder, 'labels.ndjson');
  writeFileSync(labels, `${JSON.stringify({ logger: 'site.agent', level: 'ERROR', message: 'Wobble refused', label: 'auth.failure' })}\n`);
  const { status, out } = await trilog(['eval', '-c', config, '--labels', labels, '--quiet', '--format', 'json']);
  t.is(status, 0);
  const report = JSON.parse(out) as { stages: { name: string; right_of_answered: number | null }[] };
  t.deepEqual(report.stages.map(({ name, right_of_answered }) => [name, right_of_answered]).at(-1), ['llm', 1]);
});

test.serial('check says what is wrong with the endpoint, and with its keys', async (t) => {
  const of = await server(t);
  const { config, folder } = place(t, of);
  t.is((await trilog(['check', '-c', config, '--connect'])).status, 0);
  await of.close();
  const gone = await trilog(['check', '-c', config, '--connect']);
  t.is(gone.status, 69);
  t.regex(gone.err, /^classify\.llm: [^\n]+\(refused\)[^\n]+\nCONNECT_FAILED/);
  const bad = { base_url: 'ftp://u:p@x', model: 'm', min_confidence: 2, prompt: 'none.md', redact: ['(?<a>b'], unknown: 1 };
  writeFileSync(join(folder, 'bad.yaml'), JSON.stringify({ inputs: {}, outputs: {}, classify: { llm: bad } }, null, 1));
  const wrong = await trilog(['check', '-c', join(folder, 'bad.yaml')]);
  t.is(wrong.status, 78);
  for (const key of ['base_url', 'min_confidence', 'prompt', 'unknown']) t.regex(wrong.err, new RegExp(`classify\\.llm\\S*.*${key}`), key);
});

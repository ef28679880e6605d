import { spawnSync } from 'node:child_process';
import { readdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import test from 'ava';
import { TINY } from '../stages/bert/tiny.js';
import { atHome, folderWith, MAIN, trilog } from './trilog.js';

const LINES = [
  '2026-03-02 10:11:12.123 7 ERROR site.own.agent [-] instance 10.0.0.7 failed to spawn',
  '2026-03-02 10:11:12.124 7 ERROR site.own.agent [-] instance 10.0.0.8 failed to spawn',
  '2026-03-02 10:11:12.125 7 ERROR site.own.agent [-] instance memory',
].map((line) => `${line}\n`);

/** What the cascade says of each record. */
function verdicts(out: string): { stage: string }[] {
  const lines = out.trimEnd().split('\n');
  return lines.map((line) => (JSON.parse(line) as { trilog: { stage: string } }).trilog);
}

function stages(out: string): string[] {
  return verdicts(out).map(({ stage }) => stage);
}

test.serial('classify asks the stages that are named, and counts by stage', (t) => {
  const { status, out, err } = trilog(['classify', '--model', TINY], LINES.join(''));
  t.is(status, 0);
  t.deepEqual(stages(out), ['bert', 'bert', 'none']);
  t.regex(err, /by bert +2 +66\.7 %/);
  t.deepEqual(stages(trilog(['classify', '-q', '--model', TINY, '--stages', 'rules'], LINES.join('')).out), ['none', 'none', 'none']);
});

test.serial('the model leaves nothing in the home folder or among temporary files', (t) => {
  const home = folderWith(t, {});
  t.deepEqual(stages(trilog(['classify', '-q', '--model', TINY], LINES[0], atHome(home)).out), ['bert']);
  t.deepEqual(readdirSync(home), []);
});

test.serial('guess, template and novelty come back from NDJSON and CSV', (t) => {
  const direct = trilog(['classify', '-q', '--model', TINY], LINES.join('')).out;
  t.deepEqual(verdicts(trilog(['parse', '-q'], direct).out), verdicts(direct));
  t.regex(direct, /"guess":\{"label":"instance\.failure"[\s\S]*"novel":true/);
  const csv = trilog(['classify', '-q', '-f', 'csv', '--model', TINY], LINES.join('')).out;
  t.is(trilog(['parse', '-q', '-f', 'csv'], csv).out, csv);
  t.true(csv.includes('instance <ip> failed to spawn') && csv.includes('instance.failure'));
});

test.serial('explain shows the template and what the model makes of it', (t) => {
  const { out } = trilog(['explain', '--model', TINY, LINES[2] ?? '']);
  t.regex(out, /template: "instance memory" \([0-9a-f]{32}\)/);
  t.regex(out, /the model reads: "error site own agent \| instance memory"/);
  t.regex(out, /\d+\.\d % instance\.failure \(not sure enough\)/);
  t.regex(out, /label: unclassified by none/);
});

test.serial('a model that cannot be used is told in a line', (t) => {
  const { status, err } = trilog(['classify', '--model', '/nonexistent'], '');
  t.is(status, 78);
  t.regex(err, /model\.onnx: ENOENT[\s\S]*MODEL_INVALID: /);
  t.notRegex(err, /\n +at /);
});

test.serial('a model without a name is an error of the command line', (t) => {
  for (const command of ['classify', 'explain']) {
    const { status, err } = trilog([command, '--model', '']);
    t.is(status, 64, command);
    t.regex(err, /^model is the folder of a model; it is empty\n/);
  }
});

test.serial('an agent remembers, and its memory can be listed, shown, exported, forgotten and imported', (t) => {
  const folder = folderWith(t, { 'own-agent.log': LINES.join('') });
  const config = join(folder, 'trilog.yaml');
  const log = join(folder, 'own-agent.log');
  writeFileSync(
    config,
    JSON.stringify({
      data_dir: 'state',
      inputs: { log: { type: 'file', include: [log], read_from: 'beginning', follow: false } },
      // Without its libraries that is a warning.
      classify: { bert: { model: TINY, execution_providers: ['cuda'] } },
      outputs: { out: { type: 'file', path: join(folder, 'out.ndjson') } },
    }),
  );
  t.is(trilog(['check', '-c', config]).status, 0);
  const ran = trilog(['run', '-c', config]);
  t.is(ran.status, 0);
  t.regex(ran.err, /CUDA cannot be used, the CPU is/);
  for (const line of ran.err.trimEnd().split('\n')) t.notThrows(() => JSON.parse(line), line);
  const memory = (...args: string[]): string => trilog(['memory', ...args, '-c', config]).out;
  const listed = memory('ls');
  t.regex(listed, /^[0-9a-f]{12} +2 instance\.failure \d+ % +ERROR +site\.own\.agent: instance <ip> failed to spawn\n/);
  t.regex(listed, /\n2 templates, \d+ bytes\n$/);
  const id = listed.slice(0, 12);
  t.is((JSON.parse(memory('show', id)) as { template: string }).template, 'instance <ip> failed to spawn');
  const exported = memory('export');
  t.is(exported.trimEnd().split('\n').length, 2);
  t.is(memory('forget', id), '1 forgotten\n');
  t.regex(memory('ls'), /^[^\n]+instance memory\n1 templates/);
  const dump = join(folder, 'dump.ndjson');
  writeFileSync(dump, exported);
  t.is(memory('import', dump), '2 imported\n');
  t.deepEqual(memory('export').split('\n').sort(), exported.split('\n').sort());
  // The reader has gone before the first line.
  const command = '{ "$0" "$1" memory export -c "$2"; echo "status $?" >&2; } | :';
  t.is(spawnSync('sh', ['-c', command, process.execPath, MAIN, config], { encoding: 'utf8' }).stderr, 'status 0\n');
  writeFileSync(dump, '{"template":1}\n');
  const { status, err } = trilog(['memory', 'import', dump, '-c', config]);
  t.is(status, 65);
  t.regex(err, /^[^\n]*dump\.ndjson:1: [^\n]+\nMEMORY_INVALID: [^\n]+\n$/);
  for (const args of [['forget'], ['show', ''], ['show', 'zz'], ['ls', '--limit', 'abc'], ['ls', '--limit', '-1']]) {
    const refused = trilog(['memory', ...args, '-c', config]);
    t.is(refused.status, 64, args.join(' '));
    t.notRegex(refused.err, /\n +at /);
  }
  t.is(trilog(['memory', 'import', folder, '-c', config]).status, 66);
  t.is(trilog(['memory', 'ls', '--data-dir', join(folder, 'nowhere')]).status, 65);
});

import { cpSync, existsSync, readdirSync, readFileSync, statSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import test from 'ava';
import { TINY } from '../stages/bert/tiny.js';
import { atHome, folderWith, trilog } from './trilog.js';

const ECS = 'ecs: { kind: event, category: [host], type: [info], outcome: unknown }';
const TAXONOMY = `version: 1
labels:
  - { label: queue.stuck, summary: A queue does not move, ${ECS} }
  - { label: room.short, summary: There is no room, ${ECS} }
`;

/** Statements with a word of their own each, so that none is a near duplicate of another. */
function statements(count: number): string {
  return Array.from({ length: count }, (_, i) => {
    const own = `x${[...i.toString(2)].map((digit) => (digit === '1' ? 'b' : 'a')).join('')}`;
    const [label, word] = i % 2 === 0 ? ['queue.stuck', 'rabbit'] : ['room.short', 'claim'];
    return `${JSON.stringify({ logger: 'site.agent', level: 'ERROR', message: `${word} ${own}`, label })}\n`;
  }).join('');
}

const LINE = '2026-03-02 10:11:12.123 7 ERROR site.agent [-] the rabbit is gone';

test.serial('a model is taught labels of a site, and classify, explain and eval use it', (t) => {
  const folder = folderWith(t, { 'taxonomy.yaml': TAXONOMY, 'labels.ndjson': statements(160) });
  const [taxonomy, labels, site] = ['taxonomy.yaml', 'labels.ndjson', 'site'].map((name) => join(folder, name)) as [string, string, string];
  const options = ['--labels', labels, '--taxonomy', taxonomy, '--model', TINY];
  const { status, out, err } = trilog(['train', ...options, '--output', site]);
  t.is(status, 0, err);
  t.regex(err, /^160 distinct statements of 2 labels\nl2 0\.3: loss [\d.]+ on 32 that were held out\n/);
  t.regex(out, /\n {2}tiny@1#[0-9a-f]{12} +0\.0 % [^\n]+\n {2}site@1#[0-9a-f]{12}, before it saw them +100\.0 % /);
  const about = JSON.parse(readFileSync(join(site, 'model.json'), 'utf8'));
  t.like(about, {
    name: 'site',
    labels: ['queue.stuck', 'room.short'],
    min_confidence: 0.5,
    head: { pooled: 3, logits: 3 },
    max_tokens: 32,
  });
  t.like(about.taught, { examples: 160, held_out: 32, seed: 1, holdout: 0.2 });
  t.is(statSync(join(site, 'head.bin')).size, 4 * 2 * 7);
  // Others than its owner may read it as far as the umask lets them.
  t.is(statSync(site).mode & 0o777, 0o777 & ~process.umask());

  const using = ['--taxonomy', taxonomy, '--model', site];
  t.regex(trilog(['classify', '-q', ...using], `${LINE}\n`).out, /"label":"queue\.stuck","confidence":[\d.]+,"stage":"bert"/);
  t.regex(
    trilog(['explain', ...using, LINE]).out,
    /site@1#[0-9a-f]{12}:\n +\d+\.\d % queue\.stuck\n[\s\S]*label: queue\.stuck \(A queue does not move\) by bert/,
  );
  t.like(JSON.parse(trilog(['eval', '--labels', labels, ...using, '-f', 'json']).out).overall, { records: 160, right_of_all: 1 });

  const again = join(folder, 'again');
  t.is(trilog(['train', ...options, '--output', again, '--name', 'site', '-q']).status, 0);
  for (const name of readdirSync(site)) t.deepEqual(readFileSync(join(again, name)), readFileSync(join(site, name)), name);
});

test.serial('labels that the model has stay, and a model with a layer can be taught again', (t) => {
  const rows = statements(40).replaceAll('queue.stuck', 'messaging.rpc').replaceAll('room.short', 'capacity.allocation');
  const folder = folderWith(t, { 'labels.ndjson': rows });
  const [labels, first, second] = ['labels.ndjson', 'first', 'second'].map((name) => join(folder, name)) as [string, string, string];
  const home = folderWith(t, {});
  const taught = trilog(['train', '--labels', labels, '--model', TINY, '--output', first], '', atHome(home));
  t.is(taught.status, 0, taught.err);
  t.deepEqual(readdirSync(home), [], 'the model leaves nothing in the home folder or among temporary files');
  t.regex(taught.err, /min_confidence stays 0\.8\n$/, 'eight held-out statements choose nothing');
  const about = (folder: string) => JSON.parse(readFileSync(join(folder, 'model.json'), 'utf8'));
  t.deepEqual(about(first).labels, ['instance.failure', 'messaging.connection', 'capacity.allocation', 'messaging.rpc']);
  t.is(trilog(['train', '--labels', labels, '--model', first, '--output', second, '-q', '--l2', '0.1', '--holdout', '0.3']).status, 0);
  t.like(about(second), { labels: about(first).labels, name: 'second', taught: { l2: 0.1, held_out: 12 } });
  const answer = (text: string): string | undefined =>
    /"label":"([^"]+)"/.exec(
      trilog(['classify', '-q', '--stages', 'bert', '--model', second], `${LINE.replace('the rabbit is gone', text)}\n`).out,
    )?.[1];
  t.deepEqual(['instance failed to spawn', 'rabbit rabbit'].map(answer), ['instance.failure', 'messaging.rpc']);
});

test.serial('train says what is wrong before it begins', (t) => {
  const few = statements(9).replaceAll('queue.stuck', 'other').replaceAll('room.short', 'messaging.rpc');
  const folder = folderWith(t, { few, 'one-label': statements(20).replaceAll(/"(queue.stuck|room.short)"/g, '"other"') });
  const output = join(folder, 'model');
  const train = (name: string, ...args: string[]) =>
    trilog(['train', '--labels', join(folder, name), '--model', TINY, '--output', output, ...args]);
  for (const [name, found] of [
    ['few', /few: it has 9 distinct statements of 2 labels; it takes 10 of 2/],
    ['one-label', /it has 20 distinct statements of 1 label; /],
  ] as const) {
    const { status, err } = train(name);
    t.is(status, 65);
    t.regex(err, found);
  }
  for (const args of [
    ['--holdout', '0.9'],
    ['--l2', '0'],
    ['--seed', '0.5'],
  ])
    t.is(train('few', ...args).status, 64, args.join(' '));
  const nameless = trilog(['train', '--labels', join(folder, 'few'), '--model', '', '--output', output]);
  t.is(nameless.status, 64);
  t.regex(nameless.err, /^model is the folder of a model; it is empty\n/);
  const into = trilog(['train', '--labels', join(folder, 'few'), '--model', TINY, '--output', folder]);
  t.is(into.status, 64);
  t.regex(into.err, /it is not empty/);
  t.false(existsSync(output));
  t.is(readdirSync(folder).length, 2, 'nothing is left');
});

test.serial('a model that does not say what its encoder makes of a text cannot be taught', (t) => {
  const labels = statements(20).replaceAll('queue.stuck', 'other').replaceAll('room.short', 'messaging.rpc');
  const folder = folderWith(t, { labels });
  const model = join(folder, 'model');
  cpSync(TINY, model, { recursive: true });
  const graph = join(model, 'model.onnx');
  writeFileSync(graph, readFileSync(graph, 'latin1').replaceAll('pooled', 'pooler'), 'latin1');
  const { status, err } = trilog(['train', '--labels', join(folder, 'labels'), '--model', model, '--output', join(folder, 'new')]);
  t.is(status, 78);
  t.regex(err, /no output "pooled" \[batch, width\][\s\S]*MODEL_INVALID/);
});

import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import test from 'ava';
import { TINY } from '../stages/bert/tiny.js';
import { folderWith, trilog } from './trilog.js';

/** What the tiny model makes of the messages stands beside them. */
const ROWS = [
  { message: 'instance 10.0.0.7 failed to spawn', label: 'instance.failure', file: '/var/log/own/agent.log' }, // right, and sure
  { message: 'instance 10.0.0.8 failed to spawn', label: 'instance.failure', file: '/var/log/own/agent.log.1' }, // the same template
  { message: 'rabbit unreachable', label: 'other', alt: 'messaging.connection' }, // the second label
  { message: 'claim memory', label: 'host.system', level: 'INFO' }, // wrong
  { message: 'instance memory', label: 'instance.failure', logger: 'site.two' }, // right, but not sure enough
]
  .map((row) => `${JSON.stringify({ logger: 'site.own.agent', level: 'ERROR', ...row })}\n`)
  .join('');

test.serial('eval prints how the cascade does, by stage, service, level and source, and how the model does', (t) => {
  const labels = join(folderWith(t, { 'labels.ndjson': ROWS }), 'labels.ndjson');
  const { status, out, err } = trilog(['eval', '--labels', labels, '--model', TINY]);
  t.deepEqual([status, err], [0, '']);
  t.regex(out, /\n {2}all stages +5 +4 +80\.0 % +50\.0 % +75\.0 % +40\.0 % +60\.0 % /);
  t.regex(out, /\n {2}by rule +5 +0 +0\.0 % +– /);
  t.regex(out, /\n {2}by bert +5 +4 /);
  t.regex(out, /\ntiny@1#[0-9a-f]{12}, its likeliest label, however sure it is:\n[^\n]+\n +5 +60\.0 % +80\.0 % +60\.0 % /);
  t.regex(out, /\n {2}0\.9 to 1\.0 +4 /);
  t.regex(out, /\n {2}host\.system → capacity\.allocation +1 +4\n/);
  t.regex(out, /\n {2}site +5 [\s\S]*\n {2}ERROR +4 [\s\S]*\n {2}- +3 +[\s\S]*\n {2}\/var\/log\/own\/agent\.log +1 /);
});

test.serial('eval writes one object for machines, to a file too, from standard input too', (t) => {
  const folder = folderWith(t, {});
  const file = join(folder, 'report.json');
  const { status, out } = trilog(['eval', '--labels', '-', '-f', 'json', '-o', file, '-q', '--model', TINY, '--stages', 'bert'], ROWS);
  t.deepEqual([status, out], [0, '']);
  const report = JSON.parse(readFileSync(file, 'utf8'));
  t.like(report.overall, { records: 5, answered: 4, coverage: 0.8, right_of_answered: 0.5, right_or_second_of_all: 0.6 });
  t.deepEqual(
    report.stages.map(({ name }: { name: string }) => name),
    ['bert'],
  );
  t.like(report.model, { asked: 5, right: 0.6, top2: 0.6 });
  t.is(report.model.bins.length, 10);
  t.deepEqual(report.confusions, [{ label: 'host.system', answer: 'capacity.allocation', records: 1, first_line: 4 }]);
  t.regex(report.model_id, /^tiny@1#/);
});

test.serial('a stage that is not asked is left out, and so is the model', (t) => {
  const { out } = trilog(['eval', '--labels', '-', '--stages', 'rules'], ROWS);
  t.regex(out, /by rule/);
  t.notRegex(out, /by known|by bert|likeliest/);
});

test.serial('labels that are wrong are told in lines, with status 65; a file that is not there with 66', (t) => {
  const { status, err } = trilog(['eval', '--labels', '-', '--stages', 'rules'], `${ROWS}{"message":"x","label":"site.weather"}\n{\n`);
  t.is(status, 65);
  t.regex(
    err,
    /^stdin:6: label: "site\.weather" is not a label of the taxonomy\nstdin:6: logger: [^\n]+\nstdin:6: level: [^\n]+\nstdin:7: /,
  );
  t.regex(err, /\nLABELS_INVALID: /);
  const missing = trilog(['eval', '--labels', '/nonexistent', '--stages', 'rules']);
  t.is(missing.status, 66);
  t.regex(missing.err, /ENOENT/);
});

test.serial('a result may not be written over the labels', (t) => {
  const labels = join(folderWith(t, { 'labels.ndjson': ROWS }), 'labels.ndjson');
  t.is(trilog(['eval', '--labels', labels, '-o', labels, '--stages', 'rules']).status, 64);
  t.is(readFileSync(labels, 'utf8'), ROWS);
});

import test from 'ava';
import { TrilogError } from '../../src/errors.js';
import type { Labelled } from '../../src/labels/labelled.js';
import { parseLabels } from '../../src/labels/parse-labels.js';
import { csvHeader, csvRows } from '../../src/record/profiles/csv.js';
import { EcsEncoder } from '../../src/record/profiles/ecs.js';
import { loadTaxonomy } from '../../src/stages/taxonomy.js';
import { record, source } from '../record/sample.js';

const taxonomy = loadTaxonomy();
const base = source({ id: 'labels', name: 'labels.ndjson', program: '' });

function parse(...rows: readonly (object | string)[]): Labelled[] {
  return parseLabels(rows.map((row) => (typeof row === 'string' ? row : JSON.stringify(row))).join('\n'), base, taxonomy);
}

function problemsOf(...rows: readonly (object | string)[]): string[] {
  try {
    parse(...rows);
  } catch (error) {
    if (error instanceof TrilogError && error.code === 'LABELS_INVALID') return error.message.split('\n');
    throw error;
  }
  return [];
}

/** What a row came to, in short. */
function shown({ record, label, alt, origin, line }: Labelled) {
  const { logger, level, message, format, program } = record;
  return { logger, level, message, format, program, error: record.error?.type ?? '', label, alt, origin, line };
}

const SAID = { logger: 'nova.compute.manager', level: 'ERROR', message: 'No valid host', label: 'capacity.shortage' };
const PLAIN = { format: 'oslo', program: '', error: '', alt: null, origin: '', line: 1 };

test('logger, level and message make a record', (t) => {
  t.deepEqual(parse(SAID).map(shown), [{ ...SAID, ...PLAIN } as ReturnType<typeof shown>]);
  const [full] = parse({
    ...{ ...SAID, level: 'AUDIT', alt: 'instance.failure', file: '/var/log/nova/nova-scheduler.log.1', format: 'syslog' },
    ...{ error_type: 'nova.exception.NoValidHost', error_message: 'There are not enough hosts' },
  });
  t.like(full?.record, { level: 'INFO', format: 'syslog', program: 'nova-scheduler', error: { message: 'There are not enough hosts' } });
  t.like(full, { alt: 'instance.failure', origin: '/var/log/nova/nova-scheduler.log.1' });
});

test('an exception is found in the message where no column names it; a level of - is none', (t) => {
  t.is(parse({ ...SAID, message: 'Spawn failed: nova.exception.NoValidHost: none' })[0]?.record.error?.type, 'nova.exception.NoValidHost');
  const [bare] = parse({ ...SAID, level: '-', logger: '', program: 'systemd', source: 'journal' });
  t.like(bare?.record, { level: '', format: 'raw', program: 'systemd' });
  t.is(bare?.origin, 'journal');
});

test('a raw line is decoded, with its traceback', (t) => {
  const head = '2026-03-02 10:11:12.123 7 ERROR nova.compute.manager [-] failed';
  const trace = '2026-03-02 10:11:12.123 7 ERROR nova.compute.manager ValueError: x';
  const [found] = parse({ line: `${head}\n${trace}`, label: 'instance.failure', service: 'nova' });
  t.like(found?.record, { logger: 'nova.compute.manager', message: 'failed', program: 'nova', error: { type: 'ValueError' } });
});

test('a result of trilog is read back; expected wins over its label', (t) => {
  const result = record('No valid host', { logger: 'nova.scheduler', level: 'ERROR', format: 'oslo', label: 'other', stage: 'rule' });
  const document = JSON.parse(new EcsEncoder().encode(result)) as object;
  for (const [label, found] of [
    ['expected', parse({ ...document, expected: 'capacity.shortage' })],
    ['label', parse({ ...document, label: 'capacity.shortage' })],
  ] as const) {
    t.like(found[0]?.record, { logger: 'nova.scheduler', level: 'ERROR', message: 'No valid host', program: 'nova-compute' }, label);
    t.is(found[0]?.label, 'capacity.shortage');
  }
  const header = `${csvHeader().trimEnd()},expected\n`;
  const [row] = parseLabels(`\ufeff${header}${csvRows([result]).trimEnd()},capacity.shortage\n`, base, taxonomy);
  t.like(row?.record, { logger: 'nova.scheduler', message: 'No valid host', program: 'nova-compute' });
  t.deepEqual([row?.label, row?.line, row?.origin], ['capacity.shortage', 2, '/var/log/kolla/nova/nova-compute.log']);
  // Its own label stands where nobody says otherwise.
  t.is(parseLabels(`${csvHeader()}${csvRows([result])}`, base, taxonomy)[0]?.label, 'other');
});

test('CSV needs a header; a row is known by the line that it begins in', (t) => {
  const text = 'logger,level,message,label,alt\n\na.b,INFO,"one\ntwo",other,\na.b,WARN,"a ""word""",auth.failure,other\n';
  t.deepEqual(
    parseLabels(text, base, taxonomy).map(({ line, record, label, alt }) => [line, record.message, label, alt]),
    [
      [3, 'one\ntwo', 'other', null],
      [5, 'a "word"', 'auth.failure', 'other'],
    ],
  );
});

test('every problem is told with its line, all at once', (t) => {
  t.deepEqual(
    problemsOf(
      SAID,
      { ...SAID, label: 'nova.weather', alt: 'x.y' },
      '',
      '{"logger":',
      '[]',
      { ...SAID, level: 'LOUD', message: '' },
      { logger: 'a', level: 'INFO', message: 'm' },
      { line: 'x', label: 'other', format: 'runes' },
      { line: 'plain\n2026-03-02 10:11:12.123 7 INFO nova [-] a', label: 'other' },
      { label: 'other', logger: 3 },
      { ...SAID, label: undefined, expected: 'nova.weather' },
    ).map((problem) => problem.replace(/^labels\.ndjson:/, '').replace(/no JSON: .*/, 'no JSON')),
    [
      '2: label: "nova.weather" is not a label of the taxonomy',
      '2: alt: "x.y" is not a label of the taxonomy',
      '4: it is no JSON',
      '5: it is no object',
      '6: level: "LOUD" is no level',
      '6: message: it is empty',
      '7: label: there is none, nor `expected`',
      '8: format: one of auto, oslo, oslo_json, fluent_json, kolla, access, swift, ovs, rabbitmq, libvirt, haproxy, mariadb, apache_error, syslog, python, shell, raw',
      '9: line: it holds 2 records, not one',
      '10: logger: Invalid input: expected string, received number',
      '10: level: Invalid input: expected string, received undefined',
      '10: message: Invalid input: expected string, received undefined',
      '11: expected: "nova.weather" is not a label of the taxonomy',
    ],
  );
});

test('CSV that is broken is told with its line, and so is an empty file', (t) => {
  t.deepEqual(problemsOf('logger,level,message,label', 'a,INFO,m', 'a,INFO,m,other', 'a,INFO,"m,other'), [
    'labels.ndjson:2: Invalid Record Length: columns length is 4, got 3 on line 2',
    'labels.ndjson:4: Quote Not Closed: the parsing is finished with an opening quote at line 4',
  ]);
  for (const empty of ['', '\n\n', 'logger,level,message,label']) t.deepEqual(problemsOf(empty), ['labels.ndjson: it has no rows']);
});

test('a file that is no text, or an array, is told in one line', (t) => {
  const wanted = 'wanted is one JSON object a line, or CSV with a header';
  t.deepEqual(problemsOf('ONNX', '"\u0000'.repeat(1_000)), [`labels.ndjson:2: it is no text (it holds a NUL byte): ${wanted}`]);
  t.deepEqual(problemsOf('\ufeff', JSON.stringify([SAID, SAID], null, 1)), [`labels.ndjson:2: it is an array: ${wanted}`]);
});

test('of many problems the first hundred are told, and of a long one its beginning', (t) => {
  const problems = problemsOf(SAID, ...Array.from({ length: 250 }, () => '{'));
  t.is(problems.length, 101);
  t.regex(problems[99] ?? '', /^labels\.ndjson:101: /);
  t.is(problems[100], 'and 150 more');
  t.true((problemsOf({ ...SAID, label: 'x'.repeat(100_000) })[0] ?? '').length < 500);
});

test('CSV without a column of labels is told in one line, and CSV that is wrong in every line is not read to its end', (t) => {
  const line = '2026-03-02 10:11:12,123 7 INFO nova [-] a "quoted" word';
  const wanted = 'wanted is one JSON object a line, or CSV with a header';
  t.deepEqual(problemsOf(...Array.from({ length: 500 }, () => line)), [
    `labels.ndjson:1: it has no column \`label\` nor \`expected\`: ${wanted}`,
  ]);
  t.is(problemsOf('logger,level,message,label', ...Array.from({ length: 5_000 }, () => line)).at(-1), 'and 900 more');
});

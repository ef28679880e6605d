import test from 'ava';
import { Reader } from '../../../../plugins/forward/msgpack-read.js';
import { chunksOf, type Piece, PieceWriter } from '../../../../plugins/outputs/forward/chunks.js';
import { forwardOutputConfig } from '../../../../plugins/outputs/forward/config.js';
import { Preference } from '../../../../plugins/outputs/forward/preference.js';
import { tagBy, tagProblem } from '../../../../plugins/outputs/forward/tag.js';
import type { LogRecord } from '../../../../src/record/record.js';
import { record } from '../../../record/sample.js';

const TAGS: readonly (readonly [string, Parameters<typeof tagBy>[1], Partial<LogRecord>, string])[] = [
  ['openstack', {}, {}, 'openstack'],
  ['os.{label}', {}, { label: 'instance.failure' }, 'os.instance.failure'],
  ['os.{label}', { label: ['instance.*'] }, { label: 'auth.failure' }, 'os.other'],
  ['os.{label}', {}, { label: '../../etc' }, 'os.other'],
  ['{service}.{level}', { service: ['nova-*'] }, { program: 'nova-api', level: 'ERROR' }, 'nova-api.error'],
  ['{service}.{level}', { service: ['nova-*'] }, { program: 'evil' }, 'other.none'],
  ['{service}', { service: ['nova-*'] }, { program: 'nova-api\nx' }, 'other'],
  ['{service}', { service: ['*'] }, { program: `nova-${'x'.repeat(200)}` }, 'other'],
  ['{host}', { host: ['compute??'] }, { host: 'compute01' }, 'compute01'],
  ['{host}', { host: ['compute??'] }, { host: 'compute0123' }, 'other'],
];
for (const [template, values, fields, tag] of TAGS)
  test(`the tag ${template} of ${JSON.stringify(fields).slice(0, 60)} with ${JSON.stringify(values)} is ${tag}`, (t) => {
    const tagOf = tagBy(template, values);
    t.is(tagOf(record('x', fields)), tag);
    t.is(tagOf(record('x', fields)), tag, 'and again');
  });

const PROBLEMS: readonly (readonly [string, Parameters<typeof tagProblem>[1], RegExp | null])[] = [
  ['a.{label}.{level}', {}, null],
  ['{nothing}', {}, /\{nothing\} is none of/],
  ['{service}', {}, /list what \{service\} may be/],
  ['{host}', { host: ['*'] }, null],
  ['a b', {}, /only letters/],
  ['a.{label', {}, /only letters/],
];
for (const [template, values, problem] of PROBLEMS)
  test(`the template ${template} ${problem === null ? 'is right' : 'is refused'}`, (t) => {
    const found = tagProblem(template, values);
    if (problem === null) t.is(found, null);
    else t.regex(found ?? '', problem);
  });

const CONFIGS: readonly (readonly [Record<string, unknown>, boolean])[] = [
  [{ servers: ['fluentd1'] }, true],
  [{ servers: ['fluentd1:24224', '[2001:db8::1]:5'] }, true],
  [{ servers: [] }, false],
  [{ servers: ['a:99999'] }, false],
  [{ servers: ['a'], username: 'u' }, false],
  [{ servers: ['a'], username: 'u', password: 'p' }, false],
  [{ servers: ['a'], username: 'u', password: 'p', shared_key: 'k' }, true],
  [{ servers: ['a'], tls: { key_file: 'k' } }, false],
  [{ servers: ['a'], tag: '{service}' }, false],
  [{ servers: ['a'], unknown: 1 }, false],
];
for (const [keys, right] of CONFIGS)
  test(`the keys ${JSON.stringify(keys)} are ${right ? 'right' : 'refused'}`, (t) =>
    t.is(forwardOutputConfig.safeParse(keys).success, right));

test('records become entries by tag, in order, in pieces of a size', (t) => {
  const writer = new PieceWriter('ecs', 1500, ({ level }) => level || 'none');
  const records = ['a', 'b', 'c', 'd', 'e'].map((message, i) =>
    record(message, { level: i % 2 === 0 ? 'INFO' : '', offset: i, timestamp: 1_772_446_272_123 }),
  );
  const pieces = writer.piecesOf(records);
  const found = new Map<string, string[]>();
  for (const { tag, entries, count } of pieces) {
    const reader = new Reader(entries);
    const messages = found.get(tag) ?? [];
    let entriesRead = 0;
    while (!reader.isDone) {
      const [time, document] = reader.value() as [{ milliseconds: number }, { message: string; event: { id: string } }];
      t.is(time.milliseconds, 1_772_446_272_123);
      messages.push(document.message);
      entriesRead++;
    }
    t.is(entriesRead, count);
    found.set(tag, messages);
  }
  t.deepEqual(
    [...found],
    [
      ['INFO', ['a', 'c', 'e']],
      ['none', ['b', 'd']],
    ],
  );
  t.true(pieces.length > 1);
});

test('pieces of a tag go together up to the size; what is stored does not go again', (t) => {
  const piece = (tag: string, bytes: number, stored = false): Piece => ({ tag, entries: Buffer.alloc(bytes), count: 1, stored });
  const shape = (pieces: readonly Piece[]): (readonly [string, readonly number[]])[] =>
    chunksOf(pieces, 10).map(({ tag, pieces: own }) => [tag, own.map(({ entries }) => entries.length)]);
  t.deepEqual(shape([piece('a', 4), piece('b', 3), piece('a', 5), piece('a', 2), piece('b', 20), piece('b', 1)]), [
    ['a', [4, 5]],
    ['b', [3]],
    ['a', [2]],
    ['b', [20]],
    ['b', [1]],
  ]);
  t.deepEqual(shape([piece('a', 4, true), piece('a', 5)]), [['a', [5]]]);
});

test('the first server is preferred, and asked again some time after it failed', (t) => {
  const preference = new Preference(3, 100);
  t.deepEqual(preference.order(0), [0, 1, 2]);
  preference.failed(0, 0);
  t.deepEqual(preference.order(50), [1, 2, 0]);
  preference.failed(1, 60);
  t.deepEqual(preference.order(70), [2, 0, 1]);
  t.deepEqual(preference.order(100), [0, 2, 1]);
  preference.worked(1);
  t.deepEqual(preference.order(110), [0, 1, 2]);
});

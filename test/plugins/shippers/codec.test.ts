import test from 'ava';
import fc from 'fast-check';
import { simpleHeaders } from '../../../plugins/inputs/kafka/headers.js';
import { decodeValue } from '../../../plugins/shippers/codec.js';
import { openEnvelope } from '../../../plugins/shippers/envelope.js';

const isHead = (line: string): boolean => /^2026-\d\d-\d\d \d/.test(line);
const OSLO = '2026-03-02 10:11:12.123 7 INFO nova.compute.manager [-] up';
const TIME = '2026-03-02T10:11:12.123Z';

function textsOf(value: string | Buffer, codec: 'auto' | 'lines' = 'auto', maxBytes = 1_000_000): string[] {
  return decodeValue(Buffer.from(value), codec, maxBytes, isHead).pieces.map(({ text }) => text);
}

const VALUES: readonly (readonly [string, string, readonly string[]])[] = [
  ['a line', OSLO, [OSLO]],
  ['a line with its end', `${OSLO}\r\n`, [OSLO]],
  ['an empty value', '', ['']],
  ['a record with newlines in it', `${OSLO}\nTraceback:\n  x`, [`${OSLO}\nTraceback:\n  x`]],
  ['text of no known form with newlines in it', 'one\ntwo\n\nthree\n', ['one\ntwo\n\nthree']],
  ['several records', `${OSLO}\n  more\n${OSLO}\n`, [`${OSLO}\n  more`, OSLO]],
  ['JSON that is no wrapping', '{"message":"x","level":"INFO"}', ['{"message":"x","level":"INFO"}']],
  ['JSON that is broken', '{"@timestamp":"x","message":', ['{"@timestamp":"x","message":']],
];

for (const [title, value, texts] of VALUES) test(`${title} becomes what it holds`, (t) => t.deepEqual(textsOf(value), texts));

test('with the codec lines every line is by itself', (t) => {
  t.deepEqual(textsOf('one\r\n two\n\nthree\n', 'lines'), ['one', ' two', '', 'three']);
});

test('more lines in one message than an offset has places for stay in the last', (t) => {
  const pieces = textsOf('x\n'.repeat(10_000), 'lines');
  t.is(pieces.length, 4096);
  t.is(pieces.at(-1)?.length, 2 * (10_000 - 4095) - 1);
});

test('a value that is too long is cut between characters, and says so', (t) => {
  const { pieces, cut, damaged } = decodeValue(Buffer.from('ä'.repeat(20)), 'auto', 17, isHead);
  t.deepEqual([pieces[0]?.text, cut, damaged], ['ä'.repeat(8), true, false]);
});

test('bytes that are no text are replaced, and it says so', (t) => {
  const { pieces, damaged } = decodeValue(Buffer.from([0x61, 0xff, 0xfe, 0x62]), 'auto', 100, isHead);
  t.deepEqual([pieces[0]?.text, damaged], ['a\uFFFD\uFFFDb', true]);
});

const TAILED: readonly (readonly [string, Record<string, unknown>, Record<string, unknown> | null])[] = [
  ["Fluentd's tailed line", { message: OSLO, hostname: 'c1', path: '/var/log/nova/nova-api.log' }, { host: 'c1', program: 'nova-api' }],
  ["Fluent Bit's tailed line", { '@timestamp': 1772446272.123, log: `${OSLO}\n` }, { time: Date.parse(TIME) }],
  [
    'one with a tag and a service',
    { log: OSLO, tag: 'nova', service: 'nova-compute', date: TIME },
    { program: 'nova-compute', time: Date.parse(TIME) },
  ],
  ['a line that talks of levels', { log: '{"level": 3}' }, { text: '{"level": 3}' }],
  ['a record with a key of its own', { message: 'x', user: 'bob' }, null],
  ['two texts', { message: 'x', log: 'y' }, null],
  ['a record of a program', { message: 'x', level: 'INFO' }, null],
  ['a text that is none', { message: { a: 1 } }, null],
];

for (const [title, object, expected] of TAILED)
  test(`${title} is ${expected === null ? 'left as it is' : 'the line in it'}`, (t) => {
    const plain = { text: OSLO, host: '', program: '', time: Number.NaN, fields: null };
    const path = typeof object['path'] === 'string' ? object['path'] : '';
    t.deepEqual(openEnvelope(JSON.stringify(object)), expected === null ? null : [{ ...plain, path, ...expected }]);
  });

test('an event of Filebeat is the line in it, with the host, the service, the file and the time', (t) => {
  const event = {
    '@timestamp': TIME,
    '@metadata': { beat: 'filebeat' },
    agent: { type: 'filebeat', hostname: 'agent-1' },
    ecs: { version: '8.0.0' },
    host: { name: 'compute-1' },
    log: { offset: 5, file: { path: '/var/log/kolla/nova/nova-compute.log.1' } },
    message: OSLO,
  };
  t.deepEqual(openEnvelope(JSON.stringify(event)), [
    {
      text: OSLO,
      host: 'compute-1',
      program: 'nova-compute',
      path: '/var/log/kolla/nova/nova-compute.log.1',
      time: Date.parse(TIME),
      fields: null,
    },
  ]);
  const [named] = openEnvelope(JSON.stringify({ ...event, service: { name: 'nova' } })) ?? [];
  t.is(named?.program, 'nova');
});

test('a record of OpenTelemetry is its body, by itself or with others in a request', (t) => {
  const record = {
    timeUnixNano: '1772446272123000000',
    severityText: 'ERROR',
    body: { stringValue: OSLO },
    attributes: [{ key: 'log.file.path', value: { stringValue: '/var/log/nova/nova-api.log' } }],
  };
  const resource = {
    attributes: [
      { key: 'host.name', value: { stringValue: 'ctl-1' } },
      { key: 'service.name', value: { stringValue: 'nova-api' } },
    ],
  };
  const expected = {
    text: OSLO,
    host: 'ctl-1',
    program: 'nova-api',
    path: '/var/log/nova/nova-api.log',
    time: 1_772_446_272_123,
    fields: { severity_text: 'ERROR' },
  };
  const request = { resourceLogs: [{ resource, scopeLogs: [{ logRecords: [record, { ...record, body: { stringValue: 'b' } }] }] }] };
  t.deepEqual(openEnvelope(JSON.stringify(request)), [expected, { ...expected, text: 'b' }]);
  t.deepEqual(openEnvelope(JSON.stringify({ ...record, resource })), [expected]);
  const stored = {
    '@timestamp': TIME,
    body: { text: OSLO },
    severity_text: 'ERROR',
    resource: { attributes: { 'host.name': 'ctl-1', 'service.name': 'nova-api' } },
    attributes: { 'log.file.path': '/var/log/nova/nova-api.log' },
  };
  t.deepEqual(openEnvelope(JSON.stringify(stored)), [{ ...expected, time: Date.parse(TIME) }]);
});

test('what only looks like a wrapping stays as it is', (t) => {
  const deep = '['.repeat(100_000);
  for (const value of [
    `{"@timestamp":${deep},"message":"x"}`,
    '{"@timestamp":5,"message":"x","agent":{}}',
    '{"@timestamp":"x","message":{"a":1},"agent":{}}',
    '{"@timestamp":"x","message":"x"}',
    '{"resourceLogs":[{"scopeLogs":[{"logRecords":[{"body":{"kvlistValue":{}}}]}]}]}',
    '{"resourceLogs":[null,5,{"scopeLogs":7}],"body":1}',
    '{"resourceLogs":"x","body":{"stringValue":7}}',
    '{"body":[],"attributes":[null,{"key":1}],"resource":[]}',
  ])
    t.is(openEnvelope(value), null, value.slice(0, 80));
});

test('names of a wrapping that are too long, or none, are left away', (t) => {
  const event = {
    '@timestamp': 'never',
    message: 'm',
    agent: {},
    host: { name: 'x'.repeat(1000) },
    service: { name: 5 },
    log: { file: { path: [] } },
  };
  t.deepEqual(openEnvelope(JSON.stringify(event)), [{ text: 'm', host: '', program: '', path: '', time: Number.NaN, fields: null }]);
});

test('whatever the bytes are, something comes of them', (t) => {
  const json = fc.json().map((text) => Buffer.from(text));
  fc.assert(
    fc.property(
      fc.oneof(
        fc.uint8Array().map((bytes) => Buffer.from(bytes)),
        json,
      ),
      fc.constantFrom('auto', 'lines'),
      (value, codec) => {
        return decodeValue(value, codec as 'auto', 64, isHead).pieces.length > 0;
      },
    ),
  );
  t.pass();
});

test('of the headers the short texts are kept', (t) => {
  t.is(simpleHeaders(undefined), null);
  t.is(simpleHeaders([]), null);
  t.is(simpleHeaders([{ long: Buffer.alloc(300) }, { binary: Buffer.from([0xff]) }]), null);
  t.deepEqual(simpleHeaders([{ host: Buffer.from('a') }, { host: Buffer.from('b') }, { label: 'x' }]), { host: 'b', label: 'x' });
  t.is(Object.keys(simpleHeaders(Array.from({ length: 100 }, (_, i) => ({ [`h${i}`]: 'x' }))) ?? {}).length, 16);
});

import test from 'ava';
import { Joiner } from '../../src/record/joiner.js';
import { blockOf, joined, LIMITS, NOW, testSource } from './lines.js';

const INSTANCE = '[instance: b9e6c2f4-1c0d-4a3e-9d55-6f7a8b9c0d1e] ';
const FRAMES = [
  'Traceback (most recent call last):',
  '  File "/nova/manager.py", line 2871, in build',
  '    spawn()',
  'nova.exception.PortBindingFailed: Binding failed',
];
const TRACE = FRAMES.join('\n');
const BINDING = { type: 'nova.exception.PortBindingFailed', message: 'Binding failed', stackTrace: TRACE };

function line(text: string, { pid = 1, level = 'INFO', logger = 'nova.compute.manager', ms = '123', bracket = '[-] ' } = {}): string {
  return `2026-03-02 10:11:12.${ms} ${pid} ${level} ${logger} ${bracket}${text}`;
}

function trace(options: Parameters<typeof line>[1] = {}, frames: readonly string[] = [...FRAMES, '']): string[] {
  return frames.map((frame) => line(frame, { level: 'ERROR', bracket: '', ...options }));
}

test('a traceback is one record with its head', (t) => {
  const bracket = '[None req-1 - - - - - -] ';
  const head = line(`${INSTANCE}Instance failed: nova.exception.PortBindingFailed: Binding failed`, { level: 'ERROR', bracket });
  const records = joined([head, ...trace({ bracket: INSTANCE }), line('next')]);
  t.is(records.length, 2);
  t.is(records[0]?.message, 'Instance failed: nova.exception.PortBindingFailed: Binding failed');
  t.deepEqual(records[0]?.error, BINDING);
});

test('heads of other levels, and the TRACE lines of old releases', (t) => {
  for (const level of ['WARNING', 'INFO', 'CRITICAL', 'DEBUG']) {
    const records = joined([line('x', { level }), ...trace()]);
    t.is(records.length, 1, level);
    t.is(records[0]?.level, level as 'INFO');
    t.deepEqual(records[0]?.error, BINDING, level);
  }
  t.is(joined([line('x', { level: 'ERROR' }), ...trace({ level: 'TRACE' })]).length, 1);
});

test('tracebacks of several processes may be interleaved', (t) => {
  const one = [line('one', { level: 'ERROR' }), ...trace()];
  const two = [line('two', { level: 'ERROR', pid: 2 }), ...trace({ pid: 2 })];
  const mixed = one.flatMap((text, i) => [text, two[i] ?? '']);
  const records = joined(mixed);
  t.deepEqual(
    records.map(({ message, pid, error }) => [message, pid, error?.stackTrace]),
    [
      ['one', 1, TRACE],
      ['two', 2, TRACE],
    ],
  );
});

test('other time, process or logger: another record', (t) => {
  for (const options of [{ ms: '124' }, { pid: 2 }, { logger: 'nova.other' }]) {
    const records = joined([line('x', { level: 'ERROR' }), ...trace(options)]);
    t.is(records.length, 2);
    t.is(records[1]?.message, TRACE);
    t.deepEqual(records[1]?.error, BINDING);
  }
});

test('an error without a bracket that is no traceback is a record', (t) => {
  t.is(joined([line('x', { level: 'ERROR', bracket: '' }), line('and then that', { level: 'ERROR', bracket: '' })]).length, 2);
});

test('lines without a header continue the record before them', (t) => {
  const [record, ...others] = joined([
    line('', { level: 'ERROR' }),
    "Command: ['ip']",
    'Exit code: 2',
    'Stdin: ',
    'Stderr: no',
    '',
    line('next'),
  ]);
  t.is(record?.message, "Command: ['ip']\nExit code: 2\nStdin: \nStderr: no");
  t.is(others.length, 1);
});

test('a record that is one line by its nature is continued by nothing but indented lines', (t) => {
  const foreign = '{"message":"up","level":"info"}';
  for (const head of [
    '10.0.0.5 - - [02/Mar/2026:10:11:12 +0000] "GET / HTTP/1.1" 200 5',
    'Mar  2 10:11:12 h1 haproxy[7]: Server a/b is DOWN',
    '2026-03-02T10:11:12.123Z|00012|connmgr|INFO|x',
    'Mar  2 10:11:12 h1 proxy-server: ERROR x',
    'Mar  2 10:11:12 h1 systemd[1]: Started',
    '[Mon Mar 02 10:11:12 2026] [error] x',
  ]) {
    const records = joined([head, '  more', '', 'Out of memory: kill process 1', foreign, head]);
    t.deepEqual(
      records.slice(1, 3).map(({ message, format }) => [message, format]),
      [
        ['Out of memory: kill process 1', 'raw'],
        [foreign, 'raw'],
      ],
      head,
    );
    t.is(records.length, 4, head);
    t.true(records[0]?.message.endsWith('\n  more'), head);
  }
});

test('a foreign record in JSON stands alone; the body of an answer continues a message', (t) => {
  const body = '{"image": {"level": 1}}';
  const foreign = '{"msg":"up","severity":3}';
  for (const head of [line('x'), `Mar  2 10:11:12 h1 nova-api[5]: ${line('x')}`, '2026-03-02 10:11:12 0 [Note] x'])
    t.deepEqual(
      joined([head, 'more', body, foreign]).map(({ message }) => message),
      [`x\nmore\n${body}`, foreign],
      head,
    );
});

test('the suffix of a debug record stands on its last line', (t) => {
  const [record] = joined([line('RESP:', { level: 'DEBUG' }), '<xml/>', ' log /a/b.py:12', '']);
  t.like(record, { message: 'RESP:\n<xml/>', functionName: 'log', filePath: '/a/b.py', fileLine: 12 });
});

test('a traceback inside a message is found', (t) => {
  const [record] = joined([line('Remote error: X', { level: 'ERROR' }), ...FRAMES]);
  t.is(record?.message, `Remote error: X\n${TRACE}`);
  t.deepEqual(record?.error, BINDING);
});

test('an exception with several lines belongs to its traceback', (t) => {
  const [record, ...others] = joined([line('x', { level: 'ERROR' }), ...trace({}, [...FRAMES, 'Command: ip', 'Exit code: 1'])]);
  t.is(others.length, 0);
  t.like(record?.error, { message: 'Binding failed', stackTrace: `${TRACE}\nCommand: ip\nExit code: 1` });
});

test('raw lines without a record before them stand alone, but indented ones join', (t) => {
  const records = joined(['one', 'two', '  more', ...FRAMES, 'three']);
  t.deepEqual(
    records.map(({ message, format }) => [message, format]),
    [
      ['one', 'raw'],
      ['two\n  more', 'raw'],
      [TRACE, 'python'],
      ['three', 'raw'],
    ],
  );
  t.deepEqual(records[2]?.error, BINDING);
});

test("kolla's fluentd makes a record of each line of a traceback with an instance: they are joined again", (t) => {
  const kolla = {
    Timestamp: '2026-03-02 10:11:12.123',
    Pid: '1',
    log_level: 'ERROR',
    python_module: 'a.b',
    Hostname: 'h1',
    programname: 'nova-compute',
  };
  const lines = [
    { ...kolla, request_id: '1', Payload: ` ${INSTANCE}Failed` },
    { ...kolla, Hostname: 'h2', Payload: '[-] other host' },
    ...FRAMES.map((frame) => ({ ...kolla, Payload: `${INSTANCE}${frame}` })),
    { ...kolla, Payload: '[-] next' },
  ];
  const records = joined(lines.map((record) => JSON.stringify(record)));
  t.deepEqual(
    records.map(({ message }) => message),
    ['Failed', 'other host', 'next'],
  );
  t.deepEqual(records[0]?.error, BINDING);
});

test("RabbitMQ's old reports", (t) => {
  const records = joined([
    '=INFO REPORT==== 2-Mar-2026::10:11:12 ===',
    'accepting <0.1.0>',
    '',
    '=ERROR REPORT==== 2-Mar-2026::10:11:13 ===',
    'x',
    'y',
  ]);
  t.deepEqual(
    records.map(({ message }) => message),
    ['accepting <0.1.0>', 'x\ny'],
  );
});

test('a record ends at its bounds, and the rest of its lines is counted', (t) => {
  const [record, next] = joined([line('x'), 'a', 'b', 'c', 'd', line('next')], { ...LIMITS, maxLines: 3 });
  t.like(record, { message: 'x\na\nb', truncated: true, fields: { dropped_lines: 2 } });
  t.is(next?.message, 'next');
  const [large] = joined([line('x'), 'a'.repeat(100), 'b'.repeat(100), 'c'], { ...LIMITS, maxBytes: 200 });
  t.like(large, { truncated: true, fields: { dropped_lines: 2 } });
});

test('a line that the input cut marks its record', (t) => {
  const joiner = new Joiner(testSource(), LIMITS, () => NOW);
  const records = [...joiner.feed(blockOf([line('x'), 'y', line('z')], 0, { cut: new Set([1]) })), ...joiner.flush()];
  t.deepEqual(
    records.map(({ truncated }) => truncated),
    [true, false],
  );
});

test('texts that are records each leave at once, whatever the next one is', (t) => {
  const joiner = new Joiner(testSource(), LIMITS, () => NOW);
  const traceback = `boom\nTraceback (most recent call last):\n  File "x.py", line 1, in f\nValueError: no`;
  const block = { ...blockOf([line('one', { level: 'ERROR' }), '  indented', traceback], 0), apart: true, whole: new Set([2]) };
  const records = joiner.feed({ ...block, end: 3 });
  t.deepEqual(
    records.map(({ message, offset }) => [message.split('\n')[0], offset]),
    [
      ['one', 0],
      ['  indented', 1],
      ['boom', 2],
    ],
  );
  t.is(records[2]?.error?.type, 'ValueError');
  t.deepEqual(joiner.held, { records: 0, bytes: 0 });
  t.is(joiner.resumeAt, 3);
});

test('records leave when their process writes again or the log has moved on by a second', (t) => {
  const joiner = new Joiner(testSource(), LIMITS, () => NOW);
  const feed = (text: string, at: number) => joiner.feed(blockOf([text], at)).map(({ message }) => message);
  t.deepEqual(feed(line('a', { pid: 1 }), 0), []);
  t.deepEqual(feed(line('b', { pid: 2 }), 1), []);
  t.deepEqual(joiner.held.records, 2);
  t.deepEqual(feed(line('c', { pid: 2 }), 2), []);
  t.deepEqual(feed(line('d', { pid: 1 }), 3), ['a', 'b']);
  t.deepEqual(feed(line('e', { pid: 3 }).replace('10:11:12', '10:11:14'), 4), ['c', 'd']);
  t.is(joiner.resumeAt, 4);
  t.deepEqual(
    joiner.flush().map(({ message }) => message),
    ['e'],
  );
  t.is(joiner.resumeAt, 5);
  t.deepEqual(joiner.held, { records: 0, bytes: 0 });
});

test('reading goes on before a record that was handed out but spans the head of another', (t) => {
  const joiner = new Joiner(testSource(), LIMITS, () => NOW);
  const lines = [line('one', { level: 'ERROR' }), line('two', { pid: 2 }), ...trace({}, FRAMES.slice(0, 2)), line('next')];
  t.deepEqual(
    joiner.feed(blockOf(lines)).map(({ message }) => message),
    ['one'],
  );
  t.is(joiner.resumeAt, 0);
});

test('a text that came as one is one record, with the traceback in it', (t) => {
  const source = testSource();
  const text = `${line('Build failed', { level: 'ERROR' })}\n${TRACE}\n${line('quoted')}`;
  const raw = `unknown\n${TRACE}`;
  const joiner = new Joiner(source, LIMITS, () => NOW);
  const block = { source, lines: [text, raw], offsets: [1, 2], end: 3, bytes: 1, whole: new Set([0, 1]) };
  const records = [
    ...joiner.feed({ ...block, lines: [text], offsets: [1] }),
    ...joiner.flush(),
    ...joiner.feed({ ...block, lines: [raw] }),
    ...joiner.flush(),
  ];
  t.deepEqual(
    records.map(({ format, error }) => [format, error?.type]),
    [
      ['oslo', 'nova.exception.PortBindingFailed'],
      ['python', 'nova.exception.PortBindingFailed'],
    ],
  );
  t.true(records[0]?.message.startsWith('Build failed\nTraceback'));
  t.is(records[1]?.message, raw);
});

test('a time and fields that came with a line are those of its record, where it has none itself', (t) => {
  const source = testSource();
  const joiner = new Joiner(source, LIMITS, () => NOW);
  const lines = [line('dated'), 'of no known form'];
  const fields = new Map([0, 1].map((i) => [i, { from: `header ${i}` }]));
  const dated = joiner.feed({ source, lines: lines.slice(0, 1), offsets: [0], end: 1, bytes: 1, times: [5], fields });
  dated.push(...joiner.flush());
  const raw = joiner.feed({ source, lines: lines.slice(1), offsets: [1], end: 2, bytes: 1, times: [7], fields });
  raw.push(...joiner.flush());
  t.is(dated[0]?.timestamp, Date.UTC(2026, 2, 2, 10, 11, 12, 123));
  t.deepEqual(dated[0]?.fields, { from: 'header 0' });
  t.is(raw[0]?.timestamp, 7);
  t.deepEqual(raw[0]?.fields, { from: 'header 0' });
});

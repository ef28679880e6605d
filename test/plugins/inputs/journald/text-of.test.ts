import test from 'ava';
import { entryOf } from '../../../../plugins/inputs/journald/entry.js';
import { TextOf } from '../../../../plugins/inputs/journald/text-of.js';
import { Joiner } from '../../../../src/record/joiner.js';
import type { LogRecord } from '../../../../src/record/record.js';
import type { Source } from '../../../../src/record/source.js';
import { journalLine, timeOf } from './entries.js';

const base: Source = { id: 'j', input: 'journal', name: 'journal', program: '', host: 'here', timezone: 'Etc/UTC', format: 'auto' };

/** The record that an entry becomes. */
function recordOf(fields: Readonly<Record<string, unknown>>, format = 'auto'): LogRecord & { readonly mayContinue: boolean } {
  const entry = entryOf(journalLine(1, fields));
  if (entry === null) throw new Error('no entry');
  const { line, mayContinue } = new TextOf({ ...base, format }).of(entry);
  const source = { ...base, format, host: line.host || base.host, program: line.program };
  const joiner = new Joiner(source, { maxLines: 100, maxBytes: 100_000 });
  const block = { source, lines: [line.text], offsets: [0], end: 1, bytes: 1, times: [line.time], apart: true };
  const [record] = joiner.feed({
    ...block,
    ...(line.text.includes('\n') && { whole: new Set([0]) }),
    ...(line.fields !== null && { fields: new Map([[0, line.fields]]) }),
  });
  if (record === undefined) throw new Error('no record');
  return Object.assign(record, { mayContinue });
}

const REQUEST = 'req-6a7f0b39-7f9a-4f3c-9d3c-6f3b2c1d0e9f';
const oslo = {
  SYSLOG_IDENTIFIER: 'nova-compute',
  _SYSTEMD_UNIT: 'nova-compute.service',
  _PID: '4242',
  LOGGER_NAME: 'nova.compute.manager',
  LOGGER_LEVEL: 'ERROR',
  PRIORITY: '3',
  CODE_FILE: '/openstack/venvs/nova/lib/python3/site-packages/nova/compute/manager.py',
  CODE_LINE: '2645',
  CODE_FUNC: '_build_resources',
  THREAD_NAME: 'MainThread',
  PROCESS_NAME: 'MainProcess',
};
const TRACE = 'Traceback (most recent call last):\n  File "/x/manager.py", line 2645, in _build_resources\n    yield\nKeyError: \'x\'';

test("oslo.log's handler in its default form: the line is decoded, and the fields say where it was written", (t) => {
  const prefix = '2026-03-02 10:11:12.123 4242 ERROR nova.compute.manager';
  const message = `${prefix} [None ${REQUEST} u1 p1 - - d1 d2] [instance: 11111111-2222-3333-4444-555555555555] Failed to build\n${TRACE.split(
    '\n',
  )
    .map((line) => `${prefix} ${line}`)
    .join('\n')}`;
  const record = recordOf({ ...oslo, MESSAGE: message, EXCEPTION_INFO: TRACE, EXCEPTION_TEXT: TRACE, PROJECT_NAME: 'admin' });
  t.is(record.message, 'Failed to build');
  t.is(record.level, 'ERROR');
  t.is(record.logger, 'nova.compute.manager');
  t.is(record.timestamp, timeOf(1));
  t.is(record.pid, 4242);
  t.is(record.program, 'nova-compute');
  t.is(record.host, 'compute01');
  t.is(record.instanceId, '11111111-2222-3333-4444-555555555555');
  t.is(record.context?.requestId, REQUEST);
  t.is(record.context?.identity.userId, 'u1');
  t.is(record.error?.type, 'KeyError');
  t.is(record.error?.stackTrace, TRACE);
  t.is(record.fileLine, 2645);
  t.is(record.functionName, '_build_resources');
  t.is(record.fields?.['PROJECT_NAME'], 'admin');
  t.is(record.fields?.['THREAD_NAME'], undefined);
  t.false(record.mayContinue);
});

test("oslo.log's handler in a form that nobody knows: the fields say level, logger, request and exception", (t) => {
  const record = recordOf({
    ...oslo,
    MESSAGE: `@@ Failed to build\n${TRACE}`,
    EXCEPTION_INFO: TRACE,
    REQUEST_ID: REQUEST,
    USER_ID: 'u1',
    PROJECT_ID: 'p1',
  });
  t.is(record.message, '@@ Failed to build');
  t.is(record.level, 'ERROR');
  t.is(record.logger, 'nova.compute.manager');
  t.is(record.context?.requestId, REQUEST);
  t.is(record.context?.identity.projectId, 'p1');
  t.is(record.error?.type, 'KeyError');
  t.is(record.filePath, oslo.CODE_FILE);
});

for (const [name, fields, expected] of [
  [
    'syslog with its priority',
    { SYSLOG_IDENTIFIER: 'sshd', SYSLOG_PID: '7', MESSAGE: 'Failed password for root', PRIORITY: '4', _TRANSPORT: 'syslog' },
    { message: 'Failed password for root', level: 'WARNING', program: 'sshd', pid: 7, format: 'syslog', timestamp: timeOf(1) },
  ],
  [
    'what systemd says of a unit',
    { SYSLOG_IDENTIFIER: 'systemd', _PID: '1', MESSAGE: 'Started nova-compute.', PRIORITY: '6', CODE_FILE: 'job.c' },
    { message: 'Started nova-compute.', level: 'INFO', program: 'systemd', pid: 1 },
  ],
  [
    'the kernel, without its own clock',
    { SYSLOG_IDENTIFIER: 'kernel', MESSAGE: 'Out of memory', PRIORITY: '2', _TRANSPORT: 'kernel' },
    { message: 'Out of memory', level: 'CRITICAL', program: 'kernel' },
  ],
  [
    'Open vSwitch in syslog',
    { SYSLOG_IDENTIFIER: 'ovs-vswitchd', MESSAGE: 'ovs|00012|bridge|WARN|could not open', PRIORITY: '4', _TRANSPORT: 'syslog' },
    { message: 'could not open', level: 'WARNING', logger: 'bridge', format: 'ovs' },
  ],
  [
    'lines of DevStack without a time',
    { SYSLOG_IDENTIFIER: 'devstack@n-cpu.service', MESSAGE: 'INFO nova.compute.manager [None req-a admin admin] Took 1 s', PRIORITY: '6' },
    { message: 'Took 1 s', level: 'INFO', logger: 'nova.compute.manager', program: 'n-cpu' },
  ],
  [
    'a name that no head of a line can hold',
    { SYSLOG_IDENTIFIER: 'a b: c\n', MESSAGE: 'text\nmore', PRIORITY: '3', _PID: '9', _TRANSPORT: 'journal' },
    { message: 'text\nmore', level: 'ERROR', program: 'a b: c\n', pid: 9 },
  ],
  [
    'a text with what rsyslog takes for a newline',
    { SYSLOG_IDENTIFIER: 'x', MESSAGE: 'a#012b', PRIORITY: '3' },
    { message: 'a#012b', level: 'ERROR', program: 'x' },
  ],
  [
    'several lines in one message',
    { SYSLOG_IDENTIFIER: 'x', MESSAGE: 'one\ntwo\nthree', PRIORITY: '5' },
    { message: 'one\ntwo\nthree', level: 'INFO', program: 'x' },
  ],
  ['a message that is no UTF-8', { SYSLOG_IDENTIFIER: 'x', MESSAGE: [77, 252, 108, 108], PRIORITY: '5' }, { message: 'M\ufffdll' }],
  ['a message of bytes with colours', { SYSLOG_IDENTIFIER: 'x', MESSAGE: [...Buffer.from('\x1b[31mred\x1b[0m')] }, { message: 'red' }],
  ['several messages in one entry', { SYSLOG_IDENTIFIER: 'x', MESSAGE: ['one', [...Buffer.from('two')]] }, { message: 'one\ntwo' }],
  ['no message', { SYSLOG_IDENTIFIER: 'x' }, { message: '', program: 'x' }],
  ['no identifier', { _COMM: 'thing', MESSAGE: 'text' }, { message: 'text', program: 'thing' }],
  ['nothing but a unit', { _SYSTEMD_UNIT: 'thing.service', MESSAGE: 'text' }, { message: 'text', program: 'thing' }],
  [
    'a line of oslo.log on standard error',
    {
      SYSLOG_IDENTIFIER: 'nova-api',
      _TRANSPORT: 'stdout',
      MESSAGE: '2026-03-02 10:11:12.456 7 INFO nova.api.openstack [-] Loaded extensions',
    },
    { message: 'Loaded extensions', level: 'INFO', logger: 'nova.api.openstack', mayContinue: true, program: 'nova-api' },
  ],
  [
    'a line on standard output that says nothing of itself',
    { SYSLOG_IDENTIFIER: 'thing', _TRANSPORT: 'stdout', MESSAGE: 'text' },
    { message: 'text', level: '', format: 'raw', mayContinue: true, timestamp: timeOf(1) },
  ],
  [
    'a line on standard output with a priority of its own',
    { SYSLOG_IDENTIFIER: 'thing', _TRANSPORT: 'stdout', MESSAGE: 'text', PRIORITY: '3' },
    { message: 'text', level: 'ERROR', mayContinue: true },
  ],
  ['an impossible time', { MESSAGE: 'x', SYSLOG_IDENTIFIER: 'x', __REALTIME_TIMESTAMP: 'x' }, { message: 'x', timestamp: Number.NaN }],
] as const)
  test(`an entry becomes a record: ${name}`, (t) => {
    t.like(recordOf(fields), expected);
  });

test('a pinned format takes the message as it stands', (t) => {
  t.is(recordOf({ SYSLOG_IDENTIFIER: 'x', MESSAGE: '<3>whatever', PRIORITY: '3' }, 'raw').message, '<3>whatever');
});

test('what is no entry is none', (t) => {
  for (const line of ['', '-- No entries --', '{', '[]', '{"MESSAGE":"x"}', '{"__CURSOR":7}', 'null']) t.is(entryOf(line), null, line);
});

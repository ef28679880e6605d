import test from 'ava';
import { decoded, joined, TIME } from '../lines.js';
import { flatContext } from '../sample.js';

const TRACE =
  'Traceback (most recent call last):\n  File "/a.py", line 2871, in b\n    spawn()\nnova.exception.PortBindingFailed: Binding failed';

const FORMATTER = {
  message: 'Instance failed to spawn',
  asctime: '2026-03-02 10:11:12',
  name: 'nova.compute.manager',
  msg: 'Instance %s to spawn',
  args: ['failed'],
  levelname: 'ERROR',
  levelno: 40,
  pathname: '/nova/compute/manager.py',
  filename: 'manager.py',
  module: 'manager',
  lineno: 2744,
  funcname: 'build',
  created: TIME / 1000,
  msecs: 123.0,
  process: 25746,
  traceback: TRACE,
  hostname: 'compute02',
  error_summary: 'nova.exception.PortBindingFailed: Binding failed',
  context: {
    user: 'u',
    project_id: 'p',
    system_scope: null,
    user_domain: 'default',
    project_domain: 'default',
    request_id: 'req-1',
    global_request_id: null,
  },
  extra: { instance: { uuid: 'b9e6c2f4' } },
};

test("oslo.log's JSONFormatter", (t) => {
  const record = decoded(JSON.stringify(FORMATTER));
  t.is(record.timestamp, TIME);
  t.like(record, {
    format: 'oslo_json',
    level: 'ERROR',
    logger: 'nova.compute.manager',
    message: 'Instance failed to spawn',
    pid: 25746,
    host: 'compute02',
    instanceId: 'b9e6c2f4',
    functionName: 'build',
    filePath: '/nova/compute/manager.py',
    fileLine: 2744,
  });
  t.like(flatContext(record), { requestId: 'req-1', userId: 'u', projectId: 'p', userDomainId: 'default', globalRequestId: '' });
  t.deepEqual(record.error, { type: 'nova.exception.PortBindingFailed', message: 'Binding failed', stackTrace: TRACE });
  t.like(record.fields, { msg: 'Instance %s to spawn', args: ['failed'] });
});

test("oslo.log's FluentFormatter", (t) => {
  const { levelname, asctime, created, ...rest } = FORMATTER;
  t.like(decoded(JSON.stringify({ ...rest, level: levelname, time: `${asctime}.123` })), {
    format: 'fluent_json',
    level: 'ERROR',
    timestamp: TIME,
  });
});

const KOLLA = {
  Timestamp: '2026-03-02 10:11:12.123',
  Pid: '25746',
  log_level: 'ERROR',
  python_module: 'nova.compute.manager',
  Hostname: 'compute03',
  Logger: 'openstack.nova',
  programname: 'nova-conductor',
};

test("records of kolla's fluentd", (t) => {
  const parsed = {
    ...KOLLA,
    request_id: '3f1f',
    global_request_id: '',
    user_id: 'u',
    tenant_id: 'p',
    domain_id: '-',
    user_domain: 'default',
  };
  const record = decoded(JSON.stringify({ ...parsed, Payload: ' [instance: b9e6] Failed: x.Y: text' }));
  t.is(record.timestamp, TIME);
  t.like(record, {
    format: 'kolla',
    message: 'Failed: x.Y: text',
    instanceId: 'b9e6',
    host: 'compute03',
    program: 'nova-conductor',
    pid: 25746,
  });
  t.like(flatContext(record), { requestId: 'req-3f1f', userId: 'u', projectId: 'p', domainId: '' });
  t.deepEqual(record.error, { type: 'x.Y', message: 'text', stackTrace: '' });
  t.deepEqual(record.fields, { Logger: 'openstack.nova' });
});

test("what kolla's parser leaves in Payload", (t) => {
  t.like(decoded(JSON.stringify({ ...KOLLA, Payload: '[-] text' })), { message: 'text', context: null });
  t.like(flatContext(decoded(JSON.stringify({ ...KOLLA, Payload: '[req-1 u p - - -] text' }))), {
    requestId: 'req-1',
    userId: 'u',
    projectId: 'p',
  });
  const prefix = '2026-03-02 10:11:12.123 25746 ERROR nova.compute.manager ';
  const payload = ['[-] Failed', 'Stderr: x', ...TRACE.split('\n').map((line) => prefix + line), prefix].join('\n');
  const record = decoded(JSON.stringify({ ...KOLLA, Payload: payload }));
  t.is(record.message, 'Failed\nStderr: x');
  t.deepEqual(record.error, { type: 'nova.exception.PortBindingFailed', message: 'Binding failed', stackTrace: TRACE });
});

test('envelopes of shippers', (t) => {
  const line = '2026-03-02 10:11:12.123 1 INFO a.b [-] text';
  t.like(decoded(JSON.stringify({ '@timestamp': '2026-03-02T11:00:00Z', message: line, host: { name: 'h9' } })), {
    format: 'oslo',
    host: 'h9',
    timestamp: TIME,
  });
  t.like(decoded(JSON.stringify({ log: `${line}\n`, stream: 'stdout', time: '2026-03-02T11:00:00Z' })), {
    format: 'oslo',
    message: 'text',
  });
});

test('what is nested without end is no record', (t) => {
  const nested = (levels: number) => `{"message":"m","levelname":"INFO","a":${'['.repeat(levels)}${']'.repeat(levels)}}`;
  for (const levels of [64, 100_000]) t.deepEqual(joined([nested(levels)])[0]?.format, 'raw');
  t.notThrows(() => JSON.stringify(decoded(nested(63)).fields));
});

test('a key of the prototype is a field like others', (t) => {
  for (const head of ['"message":"m","levelname":"INFO"', '"Payload":"m"']) {
    const { fields } = decoded(`{${head},"__proto__":{"x":1},"b":2}`);
    t.is(JSON.stringify(fields), '{"__proto__":{"x":1},"b":2}');
    t.is(Object.getPrototypeOf(fields), Object.prototype);
  }
});

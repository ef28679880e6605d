import test from 'ava';
import { decoded, TIME } from '../lines.js';
import { flatContext } from '../sample.js';

const REQUEST = 'req-3f1f0a62-6a8b-4a52-b1a5-96c2b0b1f0aa';
const GLOBAL = 'req-7b1c5c0e-9d2e-4b5e-8f27-0a7f2f6f3c55';
const USER = '9a2b1f3c4d5e6f708192a3b4c5d6e7f8';
const PROJECT = '0f1e2d3c4b5a69788796a5b4c3d2e1f0';
const INSTANCE = 'b9e6c2f4-1c0d-4a3e-9d55-6f7a8b9c0d1e';
const HEAD = '2026-03-02 10:11:12.123 25746';

test('a line without a context', (t) => {
  const record = decoded(`${HEAD} INFO nova.compute.resource_tracker [-] Compute node record created for compute01:compute01`);
  t.is(record.timestamp, TIME);
  t.like(record, {
    format: 'oslo',
    level: 'INFO',
    logger: 'nova.compute.resource_tracker',
    pid: 25746,
    message: 'Compute node record created for compute01:compute01',
    context: null,
    instanceId: '',
    program: 'nova-compute',
    host: 'compute01',
  });
});

test('a context of the current form, and an instance', (t) => {
  const record = decoded(
    `${HEAD} INFO nova.compute.manager [None ${REQUEST} ${USER} ${PROJECT} - - default default] [instance: ${INSTANCE}] Took 20.10 seconds.`,
  );
  t.deepEqual(flatContext(record), {
    requestId: REQUEST,
    globalRequestId: '',
    userId: USER,
    projectId: PROJECT,
    domainId: '',
    systemScope: '',
    userDomainId: 'default',
    projectDomainId: 'default',
  });
  t.like(record, { instanceId: INSTANCE, message: 'Took 20.10 seconds.' });
});

test('contexts of all releases', (t) => {
  const rows = [
    [
      `[${GLOBAL} ${REQUEST} u p - all ud pd]`,
      { globalRequestId: GLOBAL, requestId: REQUEST, userId: 'u', systemScope: 'all', projectDomainId: 'pd' },
    ],
    [`[None ${REQUEST} - - - - - -]`, { globalRequestId: '', requestId: REQUEST, userId: '', projectId: '' }],
    [
      `[${REQUEST} u p - ud pd]`,
      { requestId: REQUEST, userId: 'u', projectId: 'p', domainId: '', userDomainId: 'ud', projectDomainId: 'pd' },
    ],
    [`[${REQUEST} u p]`, { requestId: REQUEST, userId: 'u', projectId: 'p', userDomainId: '' }],
    [`[${REQUEST} None None]`, { requestId: REQUEST, userId: '', projectId: '' }],
    [`[${REQUEST} ]`, { requestId: REQUEST, userId: '' }],
    [`[None None u p - - - -]`, { requestId: '', globalRequestId: '', userId: 'u', projectId: 'p' }],
  ] as const;
  for (const [bracket, context] of rows) {
    const record = decoded(`${HEAD} INFO a.b ${bracket} text`);
    t.like(flatContext(record), context, bracket);
    t.is(record.message, 'text', bracket);
  }
});

test('lines without process, bracket or known level words of today', (t) => {
  t.like(decoded(`2026-03-02 10:11:12.123 INFO neutron.agent.l3 [${REQUEST} None None] Loaded`), {
    pid: 0,
    logger: 'neutron.agent.l3',
    message: 'Loaded',
  });
  t.like(decoded(`${HEAD} AUDIT nova.service [-] Starting cert node`), { level: 'INFO', message: 'Starting cert node' });
  t.like(decoded(`${HEAD} WARN a.b [-] x`), { level: 'WARNING' });
  t.like(decoded(`${HEAD} INFO migrate.versioning.api 215 -> 216`), { logger: 'migrate.versioning.api', message: '215 -> 216' });
  t.like(decoded(`${HEAD} INFO a.b [POLLIN] on fd 7`), { message: '[POLLIN] on fd 7', context: null });
  t.like(decoded(`${HEAD} INFO a.b [-]`), { message: '' });
  t.like(decoded(`${HEAD} INFO`.concat(' a.b')), { message: '', logger: 'a.b' });
  t.like(decoded("2026-03-02 10:11:12,123 INFO spawned: 'nova-api' with pid 12"), {
    logger: '',
    message: "spawned: 'nova-api' with pid 12",
  });
});

test('the suffix of a debug line', (t) => {
  const path = '/var/lib/kolla/venv/lib/python3.12/site-packages/nova/compute/manager.py';
  t.like(decoded(`${HEAD} DEBUG nova.compute.manager [-] Start spawning. _build_and_run_instance ${path}:2616`), {
    message: 'Start spawning.',
    functionName: '_build_and_run_instance',
    filePath: path,
    fileLine: 2616,
  });
  t.like(decoded(`${HEAD} DEBUG a [-] x <lambda> /a.py:1`), { message: 'x', functionName: '<lambda>' });
  t.like(decoded(`${HEAD} DEBUG a [-] x {{(pid=12) f /a.py:1}}`), { message: 'x', functionName: 'f', fileLine: 1 });
  t.like(decoded(`${HEAD} DEBUG a [-] x from (pid=12) f /a.py:1`), { message: 'x', pid: 25746, functionName: 'f', fileLine: 1 });
  t.like(decoded(`${HEAD} DEBUG a [-] x from (pid=12) and (y) f /a.py:1`), { message: 'x from (pid=12) and (y)', functionName: 'f' });
  t.like(decoded(`${HEAD} DEBUG a [-] connecting to 10.0.0.5:5672`), { message: 'connecting to 10.0.0.5:5672', functionName: '' });
  t.like(decoded(`${HEAD} INFO a [-] x f /a.py:1`), { message: 'x f /a.py:1', functionName: '' });
});

test('the error summary', (t) => {
  const text = 'Binding failed for port 1f6b0c6e, please check neutron logs for more information.';
  const record = decoded(`${HEAD} ERROR nova.compute.manager [-] Instance failed to spawn: nova.exception.PortBindingFailed: ${text}`);
  t.deepEqual(record.error, { type: 'nova.exception.PortBindingFailed', message: text, stackTrace: '' });
  t.is(record.message, `Instance failed to spawn: nova.exception.PortBindingFailed: ${text}`);
  const rows = [
    ['Failed: x.Y: text: x.Y: text', 'x.Y', 'text'],
    ['Failed: ConnectionRefusedError: [Errno 111] ECONNREFUSED', 'ConnectionRefusedError', '[Errno 111] ECONNREFUSED'],
    ['x.Y: text', 'x.Y', 'text'],
    ['Failed: libvirt.libvirtError: no domain', 'libvirt.libvirtError', 'no domain'],
  ] as const;
  for (const [message, type, said] of rows)
    t.deepEqual(decoded(`${HEAD} WARNING a [-] ${message}`).error, { type, message: said, stackTrace: '' });
  for (const message of ['Error: x', 'Could not find the driver option', 'see: example.com: it says', 'a: b: c', 'host: Compute1: down']) {
    t.is(decoded(`${HEAD} ERROR a [-] ${message}`).error, null, message);
  }
  t.is(decoded(`${HEAD} INFO a [-] Failed: x.Y: text`).error, null);
});

test('times', (t) => {
  t.is(decoded(`${HEAD} INFO a [-] x`, { timezone: 'Europe/Berlin' }).timestamp, TIME - 3_600_000);
  t.is(decoded('2026-03-02T10:11:12.123456+02:00 1 INFO a [-] x', { timezone: 'Europe/Berlin' }).timestamp, TIME - 7_200_000);
  t.is(decoded('2026-03-02 10:11:12,123 1 INFO a [-] x').timestamp, TIME);
  t.is(decoded('2026-03-02 10:11:12 1 INFO a [-] x').timestamp, TIME - 123);
  t.is(decoded('2026-02-30 10:11:12.123 1 INFO a [-] x').timestamp, Number.NaN);
});

test('colours are taken off', (t) => {
  const line = '2026-03-02 10:11:12.123 \x1b[00;32mDEBUG nova.x [\x1b[00;36m-\x1b[00;32m] \x1b[01;35m\x1b[00;32mhello\x1b[00m f /a.py:1';
  t.like(decoded(line), { level: 'DEBUG', logger: 'nova.x', message: 'hello', functionName: 'f' });
  const suffix = '\x1b[00m \x1b[00;33mfrom (pid=17) foo /opt/stack/nova/nova/x.py:12\x1b[00m';
  const devstack = decoded(line.replace('\x1b[00m f /a.py:1', suffix));
  t.like(devstack, { message: 'hello', pid: 17, functionName: 'foo', filePath: '/opt/stack/nova/nova/x.py', fileLine: 12 });
});

test('access lines inside messages', (t) => {
  const eventlet = '10.11.10.1 "GET /v2.1/54fa/servers/detail HTTP/1.1" status: 200  len: 1893 time: 0.2477829';
  const record = decoded(`${HEAD} INFO nova.osapi_compute.wsgi.server [-] ${eventlet}`);
  t.is(record.message, eventlet);
  t.like(record.http, {
    clientIp: '10.11.10.1',
    method: 'GET',
    path: '/v2.1/54fa/servers/detail',
    version: '1.1',
    status: 200,
    bytes: 1893,
    duration: 0.2477829,
  });
  const nova = '10.0.0.5 "GET /v2.1/servers/detail" status: 200 len: 1893 microversion: 2.96 time: 0.247782';
  t.like(decoded(`${HEAD} INFO nova.api.openstack.requestlog [-] ${nova}`).http, {
    path: '/v2.1/servers/detail',
    status: 200,
    duration: 0.247782,
  });
  t.like(decoded(`${HEAD} INFO neutron.wsgi [-] 10.0.0.3 - - [12/Nov/2015 13:17:15] "GET /x HTTP/1.1" 200 134 0.005654`).http, {
    clientIp: '10.0.0.3',
    status: 200,
    bytes: 134,
    duration: 0.005654,
  });
  t.like(decoded(`${HEAD} INFO neutron.wsgi [-] fe80::1,10.0.0.1 "GET /x HTTP/1.1" status: 404  len: 2 time: 0.1`).http, {
    clientIp: 'fe80::1',
    status: 404,
  });
  const cinder = (message: string) => decoded(`${HEAD} INFO cinder.api.openstack.wsgi [-] ${message}`).http;
  t.like(cinder('GET https://host:8776/v3/x?limit=1'), { method: 'GET', path: '/v3/x?limit=1', status: -1 });
  t.like(cinder('GET http://host'), { method: 'GET', path: '/' });
  t.like(cinder('https://host:8776/v3/x returned with HTTP 200'), { method: '', path: '/v3/x', status: 200 });
  t.is(cinder('https://host:8776/v3/x returned with HTTP ok'), null);
  t.is(decoded(`${HEAD} INFO nova.wsgi.server [-] (25746) accepted ('10.11.10.1', 54321)`).http, null);
});

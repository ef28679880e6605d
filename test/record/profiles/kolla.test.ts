import test from 'ava';
import { kollaDocument } from '../../../src/record/profiles/kolla.js';
import type { LogRecord } from '../../../src/record/record.js';
import { decoded } from '../lines.js';
import { FULL, record, source } from '../sample.js';

const NOTHING = { extra: null, json: '' };

/** The document as it arrives. */
function documentOf(from: LogRecord, carried: Parameters<typeof kollaDocument>[2] = NOTHING) {
  return JSON.parse(JSON.stringify(kollaDocument(from, Date.UTC(2026, 2, 3), carried)));
}

test("a record is written with the names of kolla-ansible's fluentd, its values as text", (t) => {
  t.deepEqual(documentOf(record('Failed', FULL), { extra: { seconds: '1.5' }, json: '{}' }), {
    '@timestamp': '2026-03-02T10:11:12.007Z',
    Hostname: 'compute01',
    Logger: 'openstack.nova',
    programname: 'nova-compute',
    Pid: '25746',
    log_level: 'ERROR',
    python_module: 'nova.compute.manager',
    request_id: '1',
    global_request_id: '2',
    user_id: 'u',
    tenant_id: 'p',
    domain_id: 'd',
    system_scope: 'all',
    user_domain: 'ud',
    project_domain: 'pd',
    Payload: '[instance: b9e6c2f4-1c0d-4a3e-9d55-6f7a8b9c0d1e] Failed\nTraceback (most recent call last):\n  x',
    clientip: '10.0.0.1',
    http_method: 'GET',
    http_url: '/v2?x=1',
    http_version: '1.1',
    http_status: '500',
    http_bytes: '12',
    http_response_time_us: '250000',
    referrer: 'r',
    agent: 'curl',
    trilog: {
      ...{ label: 'instance.failure', confidence: 1, stage: 'rule', rule: 'nova.x', format: 'oslo', id: 'src1-2s-abc' },
      ...{ extra: { seconds: '1.5' }, extra_json: '{}' },
    },
  });
});

test('what a record does not have is not in its document, and its time is then the time of reading', (t) => {
  const nowhere = source({ name: 'stdin', program: '' });
  t.deepEqual(documentOf(record('x', { source: nowhere, program: '' })), {
    '@timestamp': '2026-03-03T00:00:00.000Z',
    Hostname: 'compute01',
    Payload: 'x',
    trilog: { label: 'unclassified', confidence: 0, stage: 'none', format: 'raw', id: 'src1-0-0', time: 'read' },
  });
});

test('a line of DEBUG keeps its place, as in its Payload', (t) => {
  const line = '2026-03-02 10:11:12.123 25746 DEBUG nova.compute.manager [-] Start spawning _build /nova/manager.py:2616';
  t.is(documentOf(decoded(line)).Payload, 'Start spawning _build /nova/manager.py:2616');
});

test('a line is written as fluentd would', (t) => {
  const rows: [string, string, object][] = [
    [
      '/var/log/kolla/openvswitch/ovs-vswitchd.log',
      '2026-03-02T10:11:12.123Z|00012|connmgr|WARN|x',
      { programname: 'openvswitch', module: 'connmgr', log_level: 'WARNING', Payload: 'x', Logger: undefined, python_module: undefined },
    ],
    [
      '/var/log/kolla/rabbitmq/rabbit@h.log',
      '2026-03-02 10:11:12.123456+00:00 [info] <0.1.0> accepting',
      { programname: 'rabbit', log_level: 'INFO', Payload: 'accepting', Logger: undefined },
    ],
    [
      '/var/log/kolla/libvirt/libvirtd.log',
      '2026-03-02 10:11:12.123+0000: 1234: error : End of file',
      { programname: 'libvirt', Pid: '1234', Logger: undefined },
    ],
    ['/var/log/kolla/mariadb/mariadb.log', '2026-03-02 10:11:12 0 [Note] ready', { programname: 'mariadb', Payload: 'ready' }],
    [
      '/var/log/kolla/keystone/keystone-apache-public-access.log',
      '10.0.0.5 - - [02/Mar/2026:10:11:12 +0000] "GET /v3 HTTP/1.1" 200 12 345 "-" "curl"',
      {
        Logger: 'openstack.keystone',
        clientip: '10.0.0.5',
        http_url: '/v3',
        http_status: '200',
        http_response_time_us: '345',
        agent: 'curl',
      },
    ],
    [
      '/var/log/kolla/placement/placement-api-uwsgi.log',
      '[pid: 19|app: 0|req: 41/82] 10.0.0.5 () {62 vars in 1244 bytes} [Mon Mar  2 10:11:12 2026] GET /v3 => generated 1893 bytes in 24 msecs (HTTP/1.1 200)',
      {
        ...{ Pid: '19', App: '0', Req: '41/82', Address: '10.0.0.5', Vars: '62', Bytes: '1244', User: undefined },
        Payload: 'GET /v3 => generated 1893 bytes in 24 msecs (HTTP/1.1 200)',
      },
    ],
  ];
  for (const [name, line, expected] of rows) {
    const program = /([^/]*)\.log$/.exec(name)?.[1] ?? '';
    t.like(documentOf(decoded(line, { name, program })), expected, line);
  }
});

test("a record that came from kolla's fluentd keeps its names", (t) => {
  const sent = {
    ...{ Pid: '25746', log_level: 'INFO', python_module: 'neutron.agent', Payload: ' [instance: b9e6] Took 1 s' },
    ...{ request_id: '3f1f', user_id: 'u', tenant_id: 'p', user_domain: 'default', project_domain: 'default' },
    ...{ Hostname: 'net01', Logger: 'openstack.neutron', programname: 'neutron-l3-agent' },
  };
  const document = documentOf(decoded(JSON.stringify({ Timestamp: '2026-03-02 10:11:12.123', ...sent }), { name: 'topic/0' }));
  t.like(document, { ...sent, '@timestamp': '2026-03-02T10:11:12.123Z', Payload: '[instance: b9e6] Took 1 s' });
});

test('the folder of the logs names the service', (t) => {
  const loggerOf = (name: string, program: string) => documentOf(record('x', { source: source({ name, program }) })).Logger;
  t.is(loggerOf('/var/log/kolla/ironic-inspector/x.log', 'x'), 'openstack.ironic-inspector');
  t.is(loggerOf('/var/log/neutron/neutron-server.log', 'neutron-server'), 'openstack.neutron');
  t.is(loggerOf('/var/log/kolla/stray.log', 'stray'), 'openstack.stray');
});

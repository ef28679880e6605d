import test from 'ava';
import { otelDocument } from '../../../src/record/profiles/otel.js';
import type { LogRecord } from '../../../src/record/record.js';
import { decoded } from '../lines.js';
import { FULL, record, source } from '../sample.js';

const NOTHING = { extra: null, json: '' };
const TEMPLATE = { template: 'Failed <*>', templateId: 't1', novel: true, guess: { label: 'other', confidence: 0.5 } };

/** The document as it arrives. */
function documentOf(from: LogRecord, carried: Parameters<typeof otelDocument>[2] = NOTHING) {
  return JSON.parse(JSON.stringify(otelDocument(from, Date.UTC(2026, 2, 3), carried)));
}

test("a record is written in OpenTelemetry's log data model", (t) => {
  t.deepEqual(
    documentOf(record('Failed "badly"\n', { ...FULL, ...TEMPLATE, truncated: true }), { extra: { seconds: '1.5' }, json: '{}' }),
    {
      '@timestamp': '2026-03-02T10:11:12.007Z',
      observed_timestamp: '2026-03-03T00:00:00.000Z',
      severity_text: 'ERROR',
      severity_number: 17,
      body: { text: 'Failed "badly"\n' },
      resource: { attributes: { 'service.name': 'nova-compute', 'host.name': 'compute01', 'process.pid': 25746 } },
      scope: { name: 'nova.compute.manager' },
      attributes: {
        'log.record.uid': 'src1-2s-abc',
        'log.record.template': 'Failed <*>',
        'log.file.path': '/var/log/kolla/nova/nova-compute.log',
        'log.file.record_offset': 100,
        'code.function.name': 'spawn',
        'code.file.path': '/nova/driver.py',
        'code.line.number': 12,
        'exception.type': 'nova.exception.NoValidHost',
        'exception.message': 'none',
        'exception.stacktrace': 'Traceback (most recent call last):\n  x',
        'http.request.method': 'GET',
        'http.request.header.referer': ['r'],
        'http.response.status_code': 500,
        'http.response.body.size': 12,
        'http.server.request.duration': 0.25,
        'network.protocol.version': '1.1',
        'url.path': '/v2',
        'url.query': 'x=1',
        'client.address': '10.0.0.1',
        'user_agent.original': 'curl',
        'openstack.request_id': 'req-1',
        'openstack.global_request_id': 'req-2',
        'openstack.user_id': 'u',
        'openstack.project_id': 'p',
        'openstack.domain_id': 'd',
        'openstack.system_scope': 'all',
        'openstack.user_domain_id': 'ud',
        'openstack.project_domain_id': 'pd',
        'openstack.instance_id': 'b9e6c2f4-1c0d-4a3e-9d55-6f7a8b9c0d1e',
        'openstack.extra': { seconds: '1.5' },
        'openstack.extra_json': '{}',
      },
      trilog: {
        ...{ label: 'instance.failure', confidence: 1, stage: 'rule', rule: 'nova.x', format: 'oslo', truncated: true },
        ...{ guess: { label: 'other', confidence: 0.5 }, template: 'Failed <*>', template_id: 't1', novel: true },
      },
    },
  );
});

test('what a record does not have is not in its document, and its time is then the time of reading', (t) => {
  t.deepEqual(documentOf(record('', { source: source({ program: '' }), program: '', host: '' })), {
    '@timestamp': '2026-03-03T00:00:00.000Z',
    observed_timestamp: '2026-03-03T00:00:00.000Z',
    body: { text: '' },
    resource: { attributes: {} },
    attributes: { 'log.record.uid': 'src1-0-0', 'log.file.path': '/var/log/kolla/nova/nova-compute.log', 'log.file.record_offset': 0 },
    trilog: { label: 'unclassified', confidence: 0, stage: 'none', format: 'raw', time: 'read' },
  });
});

test('levels are the least severity of their range', (t) => {
  const severities = (['TRACE', 'DEBUG', 'INFO', 'WARNING', 'ERROR', 'CRITICAL'] as const).map((level) =>
    documentOf(record('x', { level })),
  );
  t.deepEqual(
    severities.map(({ severity_number }) => severity_number),
    [1, 5, 9, 13, 17, 21],
  );
});

test('a decoded access line has the attributes of its exchange', (t) => {
  t.like(documentOf(decoded('10.0.0.5 "GET /v2.1/servers HTTP/1.1" status: 200  len: 1893 time: 0.2477829')).attributes, {
    'http.request.method': 'GET',
    'http.response.status_code': 200,
    'http.server.request.duration': 0.2477829,
    'url.path': '/v2.1/servers',
  });
});

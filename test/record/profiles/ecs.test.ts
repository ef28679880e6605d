import test from 'ava';
import { parse } from 'csv-parse/sync';
import fc from 'fast-check';
import { csvHeader, csvRows, recordFromCsv } from '../../../src/record/profiles/csv.js';
import { EcsEncoder } from '../../../src/record/profiles/ecs.js';
import { isOwnDocument, recordFromEcs } from '../../../src/record/profiles/ecs-reader.js';
import { pretty } from '../../../src/record/profiles/pretty.js';
import type { HttpExchange, LogRecord } from '../../../src/record/record.js';
import { loadTaxonomy } from '../../../src/stages/taxonomy.js';
import { FULL, record, source } from '../sample.js';

const NO_EXCHANGE: HttpExchange = {
  ...{ clientIp: '', method: '', path: '', version: '', status: -1, bytes: -1, duration: -1, userAgent: '', referrer: '' },
};

test('a record is written in the words of the Elastic Common Schema', (t) => {
  const event = loadTaxonomy().labels.get('instance.failure')?.events.get('ERROR') ?? null;
  const document = JSON.parse(new EcsEncoder().encode(record('Failed "badly"\n', { ...FULL, event })));
  t.deepEqual(document, {
    '@timestamp': '2026-03-02T10:11:12.007Z',
    message: 'Failed "badly"\n',
    log: {
      level: 'ERROR',
      origin: { function: 'spawn', file: { name: '/nova/driver.py', line: 12 } },
      offset: 100,
      logger: 'nova.compute.manager',
      file: { path: '/var/log/kolla/nova/nova-compute.log' },
    },
    service: { name: 'nova-compute' },
    host: { name: 'compute01' },
    process: { pid: 25746 },
    event: { id: 'src1-2s-abc', dataset: 'openstack.nova', duration: 250_000_000, ...pick(event) },
    error: { type: 'nova.exception.NoValidHost', message: 'none', stack_trace: 'Traceback (most recent call last):\n  x' },
    http: { version: '1.1', request: { referrer: 'r', method: 'GET' }, response: { body: { bytes: 12 }, status_code: 500 } },
    url: { path: '/v2', query: 'x=1' },
    client: { address: '10.0.0.1' },
    user_agent: { original: 'curl' },
    openstack: {
      ...{ request_id: 'req-1', global_request_id: 'req-2', user_id: 'u', project_id: 'p', domain_id: 'd', system_scope: 'all' },
      ...{ user_domain_id: 'ud', project_domain_id: 'pd', instance_id: 'b9e6c2f4-1c0d-4a3e-9d55-6f7a8b9c0d1e', extra: { seconds: '1.5' } },
    },
    trilog: { label: 'instance.failure', confidence: 1, stage: 'rule', rule: 'nova.x', format: 'oslo' },
  });
});

function pick(event: LogRecord['event']) {
  return { kind: event?.kind, category: event?.category, type: event?.type, outcome: event?.outcome };
}

test('an empty record is still valid, and says that its time is the time of reading', (t) => {
  const document = JSON.parse(new EcsEncoder().encode(record('', { source: source({ program: '' }), program: '' }), () => 0));
  t.is(document['@timestamp'], '1970-01-01T00:00:00.000Z');
  t.is(document.trilog.time, 'read');
  t.is(document.trilog.label, 'unclassified');
  t.false('service' in document);
});

test('hostile text cannot break the document', (t) => {
  const encoder = new EcsEncoder();
  fc.assert(
    fc.property(fc.string({ unit: 'binary' }), fc.string({ unit: 'binary' }), fc.string({ unit: 'binary' }), (message, logger, program) => {
      const document = JSON.parse(encoder.encode(record(message, { logger, program, host: program })));
      return JSON.stringify(document.message) === JSON.stringify(message);
    }),
  );
  t.pass();
});

test('records of one source, told apart by logger, program and host, do not share what differs', (t) => {
  const encoder = new EcsEncoder();
  const names = (fields: Partial<LogRecord>) => {
    const { log, service, host } = JSON.parse(encoder.encode(record('x', fields)));
    return [log.logger, service?.name, host.name];
  };
  const from = source();
  t.deepEqual(names({ source: from, logger: 'a' }), ['a', 'nova-compute', 'compute01']);
  t.deepEqual(names({ source: from, logger: 'b' }), ['b', 'nova-compute', 'compute01']);
  t.deepEqual(names({ source: from, logger: 'a', program: 'sshd' }), ['a', 'sshd', 'compute01']);
  t.deepEqual(names({ source: from, logger: 'a', host: 'other' }), ['a', 'nova-compute', 'other']);
});

test('what is written as ECS or CSV can be read back', (t) => {
  const original = record('-Failed, "badly"\nand again', FULL);
  const document: unknown = JSON.parse(new EcsEncoder().encode(original));
  t.true(isOwnDocument(document));
  const fromEcs = recordFromEcs(document as Record<string, unknown>, source());
  for (const [name, value] of Object.entries(FULL)) t.deepEqual(fromEcs[name as keyof LogRecord], value, name);
  t.is(fromEcs.message, original.message);

  const found = { truncated: true, guess: { label: 'other', confidence: 0.5 }, template: 'Failed <*>', templateId: 't1', novel: true };
  const whole = record(original.message, { ...FULL, ...found, fields: { seconds: '1.5', inner: { list: [1, 'a,"b"\n'] } } });
  t.deepEqual(throughCsv(whole), whole);
});

/** A record as CSV and back. */
function throughCsv(original: LogRecord): LogRecord {
  const [row] = parse(csvHeader() + csvRows([original]), { columns: true }) as Record<string, string>[];
  return recordFromCsv(row ?? {}, source());
}

test('what CSV has no value for comes back as absent', (t) => {
  const empty = record('x', { givenId: 'a' });
  t.deepEqual(throughCsv(empty), empty);
  const asked = record('x', { givenId: 'a', http: { ...NO_EXCHANGE, method: 'GET', path: '/v3' } });
  t.deepEqual(throughCsv(asked), asked);
  for (const fields of ['', '{', '[1]', 'null', '1']) t.is(recordFromCsv({ fields }, source()).fields, null, fields);
});

test('what an exchange does not say is not in its document', (t) => {
  const shown = (http: Partial<HttpExchange>) => {
    const document = JSON.parse(new EcsEncoder().encode(record('x', { http: { ...NO_EXCHANGE, ...http } })));
    t.like(recordFromEcs(document, source()).http, { ...NO_EXCHANGE, ...http });
    return [document.http, document.url];
  };
  t.deepEqual(shown({ method: 'GET', path: '/v3' }), [{ request: { method: 'GET' } }, { path: '/v3' }]);
  t.deepEqual(shown({ status: 200, path: '/?a' }), [{ response: { status_code: 200 } }, { path: '/', query: 'a' }]);
  t.deepEqual(shown({ referrer: 'r', bytes: 0 }), [{ request: { referrer: 'r' }, response: { body: { bytes: 0 } } }, undefined]);
  t.deepEqual(shown({ clientIp: '10.0.0.5' }), [{}, undefined]);
});

test('the place in the source may be a function and a line without a file', (t) => {
  const place = { functionName: 'virNetSocketReadWire', fileLine: 1832 };
  const document = JSON.parse(new EcsEncoder().encode(record('x', place)));
  t.deepEqual(document.log.origin, { function: 'virNetSocketReadWire', file: { line: 1832 } });
  t.like(recordFromEcs(document, source()), place);
  t.deepEqual(JSON.parse(new EcsEncoder().encode(record('x', { filePath: '/a.py' }))).log.origin, { file: { name: '/a.py' } });
});

test('CSV cells that a spreadsheet would run are made harmless, and read back as they were', (t) => {
  for (const message of ['=cmd()', '+1', '-1', '@x', "'=1", "''-", 'plain', "'quoted'"]) {
    const text = csvHeader() + csvRows([record(message)]);
    const [row] = parse(text, { columns: true }) as Record<string, string>[];
    t.notRegex(row?.['message'] ?? '', /^[=+\-@]/);
    t.is(recordFromCsv(row ?? {}, source()).message, message);
  }
});

test('log text cannot steer a terminal', (t) => {
  const line = pretty(record('\u001b[2Jcleared\r\nnext\u202e', { level: 'INFO' }), false);
  t.notRegex(line, /[\u0000-\u001f\u202e]/);
  t.true(line.includes('\\x1b[2Jcleared\\x0d ⏎ next'));
});

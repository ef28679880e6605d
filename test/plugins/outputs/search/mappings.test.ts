import test from 'ava';
import fc from 'fast-check';
import { type Engine, PROFILES, type ProfileName } from '../../../../plugins/outputs/search/client.js';
import { indexSettings, mappingOf } from '../../../../plugins/outputs/search/mappings.js';
import { documentWriter } from '../../../../src/record/profiles/profile.js';
import type { HttpExchange, LogRecord } from '../../../../src/record/record.js';
import { loadTaxonomy } from '../../../../src/stages/taxonomy.js';
import { decoded } from '../../../record/lines.js';
import { FULL, record, source } from '../../../record/sample.js';

const ENGINES: readonly Engine[] = ['elasticsearch', 'opensearch'];
const UUID = 'b9e6c2f4-1c0d-4a3e-9d55-6f7a8b9c0d1e';

/** One line of every form that a decoder knows. */
const LINES = [
  `2026-03-02 10:11:12.123 25746 INFO nova.compute.manager [req-7b1c req-3f1f u p all d default default] [instance: ${UUID}] Took 20 s`,
  '2026-03-02 10:11:12.123 25746 DEBUG nova.compute.manager [-] Start spawning _build /nova/manager.py:2616',
  '2026-03-02 10:11:12.123 7 ERROR nova.compute [None req-1 u p - - default default] Failed: nova.exception.X: y',
  '{"message":"Took 20.1 s","asctime":"2026-03-02 10:11:12","name":"nova.compute","msg":"Took %0.2f s","args":[20.1],"levelname":"INFO","levelno":20,"pathname":"/m.py","lineno":2,"funcname":"f","created":1772446272.123,"process":25746,"traceback":"Traceback (most recent call last):\\n  File \\"/a.py\\", line 1, in x\\nnova.exception.X: y","hostname":"c1","error_summary":"","context":{"request_id":"req-1","user":"u","roles":[]},"extra":{"instance":{"uuid":"b9e6"}},"thread":140234567890}',
  '{"Timestamp":"2026-03-02 10:11:12.123","Pid":"7","log_level":"INFO","python_module":"neutron","request_id":"3f1f","Payload":"x","Hostname":"n1","Logger":"openstack.neutron","programname":"neutron-server","more":{"a":[null]}}',
  '10.0.0.5 - - [02/Mar/2026:10:11:12 +0000] "GET /v3?x=1 HTTP/1.1" 200 12 345 "http://r/" "curl"',
  '[pid: 19|app: 0|req: 41/82] 10.0.0.5 (u) {62 vars in 1244 bytes} [Mon Mar  2 10:11:12 2026] GET /v3 => generated 1893 bytes in 24 msecs (HTTP/1.1 200)',
  '2026-03-02T10:11:12.123Z|00012|dpif(handler3)|EMER|x',
  '2026-03-02 10:11:12.123456+00:00 [info] <0.1.0> accepting',
  '2026-03-02 10:11:12.123+0000: 1234: error : virNetSocketReadWire:1832 : End of file',
  '2026-03-02T10:11:12.123456Z 0 [Warning] [MY-010068] [Server] CA',
  '[Mon Mar 02 10:11:12.123456 2026] [wsgi:error] [pid 19:tid 140] [remote 10.0.0.5:1] mod_wsgi: x',
  'Mar  2 10:11:12 h1 kernel: [ 1.5] x',
  '<14>1 2026-03-02T10:11:12Z h1 app 7 ID [a b="c"] x',
  'Mar  2 10:11:12 stor01 proxy-server: ERROR with Object server (txn: tx0) (client_ip: 10.0.0.9)',
];

const TEMPLATE = { template: 'Failed <*>', templateId: 't1', novel: true, guess: { label: 'other', confidence: 0.5 } };

const NO_EXCHANGE: HttpExchange = {
  ...{ clientIp: '', method: '', path: '', version: '', status: -1, bytes: -1, duration: -1, userAgent: '', referrer: '' },
};

/** Records that between them have everything that a record can have, and nothing. */
function samples(): LogRecord[] {
  const event = loadTaxonomy().labels.get('instance.failure')?.events.get('ERROR') ?? null;
  const full = { ...FULL, ...TEMPLATE, event, truncated: true };
  const whole = record('Failed', { ...full, fields: { a: { b: [1] }, '': 1 } });
  const ovs = record('x', { ...full, format: 'ovs' });
  return [whole, ovs, record('', { source: source({ program: '' }), host: '', http: NO_EXCHANGE }), ...LINES.map((line) => decoded(line))];
}

function documentOf(profile: ProfileName, from: LogRecord): Record<string, unknown> {
  const writer = documentWriter(profile, undefined, { tame: true });
  writer.add(from);
  return JSON.parse(writer.bytes.toString());
}

interface Field {
  readonly type?: string;
  readonly properties?: Readonly<Record<string, Field>>;
}

/** What JSON a type takes. */
const TAKES: Readonly<Record<string, (value: unknown) => boolean>> = {
  keyword: isText,
  text: isText,
  match_only_text: isText,
  date: (value) => typeof value === 'string' && /^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d\.\d{3}Z$/.test(value),
  long: Number.isSafeInteger,
  double: Number.isFinite,
  boolean: (value) => typeof value === 'boolean',
  flattened: isObject,
  flat_object: isObject,
};

function isText(value: unknown): boolean {
  return Array.isArray(value) ? value.every((one) => typeof one === 'string') : typeof value === 'string';
}

function isObject(value: unknown): value is Record<string, unknown> {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}

/** The field of a key, whose dots stand for objects. */
function fieldOf(properties: Field['properties'], key: string): Field | undefined {
  const whole = properties?.[key];
  if (whole !== undefined) return whole;
  const dot = key.indexOf('.');
  return dot < 0 ? undefined : fieldOf(properties?.[key.slice(0, dot)]?.properties, key.slice(dot + 1));
}

/** Paths of a document that the mapping lacks, or has with a type that does not take their value. Paths that it has are entered in `seen`. */
function misfits(document: Readonly<Record<string, unknown>>, field: Field, path: string, seen: Set<string>): string[] {
  return Object.entries(document).flatMap(([key, value]) => {
    const where = path === '' ? key : `${path}.${key}`;
    const found = fieldOf(field.properties, key);
    if (found === undefined) return [where];
    seen.add(where);
    if (found.type === undefined) return isObject(value) ? misfits(value, found, where, seen) : [where];
    return TAKES[found.type]?.(value) === true ? [] : [where];
  });
}

/** All paths of a mapping. */
function pathsOf({ properties = {} }: Field, path = ''): string[] {
  return Object.entries(properties).flatMap(([key, field]) => {
    const where = path === '' ? key : `${path}.${key}`;
    return field.type === undefined ? pathsOf(field, where) : [where];
  });
}

for (const profile of PROFILES) {
  for (const engine of ENGINES) {
    test(`${profile} in ${engine}: every field that is written is mapped, with a type that takes it`, (t) => {
      const mapping = mappingOf(profile, engine) as Field;
      for (const from of samples()) t.deepEqual(misfits(documentOf(profile, from), mapping, '', new Set()), [], from.message);
    });

    test(`${profile} in ${engine}: whatever a record holds`, (t) => {
      const mapping = mappingOf(profile, engine) as Field;
      const text = fc.string({ unit: 'binary' });
      const values = fc.record({ message: text, logger: text, program: text, host: text, instanceId: text, templateId: text, rule: text });
      const hostile = fc.tuple(values, fc.dictionary(text, fc.jsonValue()), text, fc.double({ noNaN: true, min: -1, max: 1e6 }));
      fc.assert(
        fc.property(hostile, ([parts, fields, path, duration]) => {
          const from = record(parts.message, { ...FULL, ...parts, fields, http: { ...NO_EXCHANGE, path, duration, referrer: path } });
          return misfits(documentOf(profile, from), mapping, '', new Set()).length === 0;
        }),
        { numRuns: 50 },
      );
      t.pass();
    });
  }

  test(`${profile}: nothing is mapped that is never written`, (t) => {
    const mapping = mappingOf(profile, 'opensearch') as Field;
    const seen = new Set<string>();
    for (const from of samples()) misfits(documentOf(profile, from), mapping, '', seen);
    // What a record without a time has, and what only fluentd writes.
    const others = profile === 'kolla' ? ['Timestamp', 'timestamp', 'ident', 'auth', 'rawrequest'] : [];
    t.deepEqual(
      pathsOf(mapping).filter((path) => !seen.has(path)),
      others,
    );
  });
}

test('fields that nobody knows stay in the document and are not mapped', (t) => {
  for (const profile of PROFILES) for (const engine of ENGINES) t.like(mappingOf(profile, engine), { dynamic: false });
});

test('names that dynamic mapping gave a keyword beside their text keep it', (t) => {
  const { properties = {} } = mappingOf('kolla', 'opensearch') as Field;
  const names = Object.keys(properties).filter((name) => name !== '@timestamp' && name !== 'trilog');
  for (const name of names) t.like(properties[name], { type: 'text', fields: { keyword: { type: 'keyword', ignore_above: 256 } } }, name);
});

test('no keyword takes a term that the index would refuse', (t) => {
  for (const profile of PROFILES) {
    for (const engine of ENGINES) {
      const keywords = JSON.stringify(mappingOf(profile, engine)).match(/\{"type":"keyword"[^}]*\}/g) ?? [];
      for (const keyword of keywords) t.regex(keyword, /"ignore_above":\d{3,4}|"index":false,"doc_values":false/);
    }
  }
});

test('a number of a wrong type costs its field and not the record', (t) => {
  for (const profile of PROFILES) {
    for (const engine of ENGINES) {
      for (const number of JSON.stringify(mappingOf(profile, engine)).match(/\{"type":"(long|double)"[^}]*\}/g) ?? []) {
        t.regex(number, /"ignore_malformed":true/);
      }
    }
  }
});

test("the time is as a data stream wants it, and the index's settings leave it so", (t) => {
  for (const profile of PROFILES) {
    for (const engine of ENGINES) t.deepEqual((mappingOf(profile, engine) as Field).properties?.['@timestamp'], { type: 'date' });
  }
  for (const engine of ENGINES) t.deepEqual(indexSettings(engine), { 'index.codec': 'best_compression', 'index.refresh_interval': '5s' });
});

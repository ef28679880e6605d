import { seeded, shuffled } from '../../../src/training/random.js';
import { BYTES, DATES, FIGHTING, KEYS, TEXTS } from './awkward-values.js';

/** What an attacker or an odd program writes into a log: one line as a rule. */
export interface AwkwardLine {
  readonly kind: string;
  /** With the newline at its end. */
  readonly bytes: Buffer;
  /** A word that stands in this line only; null where the kind leaves no room for one. */
  readonly marker: string | null;
}

/** Every word of this form in a text is a marker. */
export const MARKERS = /awk\d{5}z/g;

/** A kind, and what makes a line of it around a marker. */
type Kind = readonly [kind: string, line: (mark: string) => string | Buffer];

const SEED = 7;
const AT = '2026-03-02 10:11:12.123';
const MEGABYTE = 1_048_576;
const UUID = '11111111-2222-3333-4444-555555555555';

/** Enough that every part of a program that begins a record is there, and no raw line joins it. */
function oslo(mark: string, text: string, head = AT): string {
  return `${head} 7 ERROR nova.compute.manager [req-${UUID} - - - - -] ${mark} ${text}`;
}

/** oslo.log's JSONFormatter, with these members more, as JSON. */
function osloJson(mark: string, members: string, message = ''): string {
  return `{"message":${JSON.stringify(`${mark} ${message}`)},"levelname":"INFO","name":"nova.api","created":1772446272.5,"process":7${members === '' ? '' : `,${members}`}}`;
}

function kolla(mark: string, members: string): string {
  return `{"Payload":"${mark} says","log_level":"INFO","python_module":"nova.api","Timestamp":"${AT}","Hostname":"c1"${members === '' ? '' : `,${members}`}}`;
}

function beat(mark: string, members: string): string {
  return `{"@timestamp":"2026-03-02T10:11:12.123Z","message":"${mark} ships"${members === '' ? '' : `,${members}`}}`;
}

/** A document of another trilog, or of who says so. */
function own(mark: string, id: string): string {
  const trilog = { label: 'awkward.label', confidence: 1, stage: 'rule', rule: '../../x', format: 'oslo' };
  const event = { id, kind: 'event', dataset: 'openstack.nova' };
  const log = { level: 'INFO', offset: 1e300, file: { path: `${mark}"\n` } };
  return JSON.stringify({ '@timestamp': '2026-03-02T10:11:12.123Z', message: `${mark} twice`, log, event, trilog });
}

function nested(depth: number, open: string, end: string): string {
  return `${open.repeat(depth)}1${end.repeat(depth)}`;
}

/** Ids as another trilog, or who pretends to be one, may give them. */
export const HOSTILE_IDS: readonly string[] = [
  'i'.repeat(600),
  `"}}\n{"delete":{"_index":"*","_id":"1"}}\n{"create":{"_id":"x`,
  '_underscore',
  ' ',
  '\u0000',
  '\ud800',
  '日本語'.repeat(60),
  '../../_cluster/settings?x=y#z',
];

const fighting: Kind[] = ['extra.port', 'args', 'vars', 'exc_info', 'context', 'process', 'created', 'lineno', 'hostname'].flatMap((key) =>
  FIGHTING.map((value): Kind => {
    const member = key.startsWith('extra.') ? `"extra":{"${key.slice(6)}":${value}}` : `"${key}":${value}`;
    return [`${key} of fighting types`, (mark) => osloJson(mark, member)];
  }),
);

const keys: Kind[] = KEYS.flatMap((key): Kind[] => [
  ['awkward key', (mark) => osloJson(mark, `"${key}":"value"`)],
  ['awkward key inside extra', (mark) => osloJson(mark, `"extra":{"${key}":{"${key}":1},"x":2}`)],
]);

const depth: Kind[] = [3, 4, 5, 19, 20, 21, 60, 63, 64, 65, 100, 1001, 5000, 100_000].flatMap((levels): Kind[] => [
  ['deep object', (mark) => osloJson(mark, `"extra":${nested(levels, '{"d":', '}')}`)],
  ['deep array', (mark) => osloJson(mark, `"args":${nested(levels, '[', ']')}`)],
]);

const numbers = (prefix: string, count: number): string => Array.from({ length: count }, (_, i) => `"${prefix}${i}":${i}`).join(',');

const many: Kind[] = [
  ['5,000 keys', (mark) => osloJson(mark, numbers('k', 5000))],
  ['5,000 keys', (mark) => osloJson(mark, `"extra":{${numbers('e', 5000)}}`)],
  ['5,000 keys', (mark) => kolla(mark, numbers('q', 5000))],
  ['5,000 keys', (mark) => osloJson(mark, `"extra":{${Array.from({ length: 5000 }, (_, i) => `"d.${i}.x":"${i}"`).join(',')}}`)],
  ['5,000 values', (mark) => osloJson(mark, `"args":[${Array.from({ length: 5000 }, (_, i) => `{"i":${i}}`).join(',')}]`)],
  ['same key twice', (mark) => osloJson(mark, '"extra":{"a":1,"a":{"b":2}},"extra":"text"')],
  ['key and its dots', (mark) => osloJson(mark, '"extra":{"a":{"b":1},"a.b":2,"a.b.c":3}')],
];

const dates: Kind[] = DATES.flatMap((date): Kind[] => [
  ['date out of range', (mark) => oslo(mark, 'dated', date)],
  ['date out of range in kolla', (mark) => `{"Payload":"${mark}","log_level":"INFO","Timestamp":"${date}"}`],
  ['date out of range in an envelope', (mark) => beat(mark, '').replace('2026-03-02T10:11:12.123Z', `${date.replace(' ', 'T')}Z`)],
]);

const texts: Kind[] = TEXTS.flatMap(([name, text]): Kind[] => [
  [`text: ${name}`, (mark) => oslo(mark, text)],
  [`text: ${name}, in JSON`, (mark) => osloJson(mark, `"extra":{"text":${JSON.stringify(text)}}`, text)],
  [`text: ${name}, in kolla's`, (mark) => kolla(mark, `"Text":${JSON.stringify(text)}`)],
  [`text: ${name}, in syslog`, (mark) => `<134>Mar  2 10:11:12 host1 prog[7]: ${mark} ${text}`],
  [`text: ${name}, alone`, (mark) => `${text} ${mark}`],
]);

const surrogates: Kind[] = [
  ['lone surrogate', (mark) => osloJson(mark, '"hostname":"\\ud800"')],
  ['lone surrogate', (mark) => `{"message":"\\ud800 ${mark} \\udc00","levelname":"\\ud800","name":"\\udfff.x"}`],
  ['lone surrogate', (mark) => osloJson(mark, `"traceback":"Traceback (most recent call last):\\n  File \\ud800\\nValueError: \\udc00"`)],
  ['lone surrogate', (mark) => osloJson(mark, `"context":{"request_id":"req-\\ud800","user":"\\udc00","project":"\\udbff"}`)],
  ['lone surrogate', (mark) => osloJson(mark, `"extra":{"instance":{"uuid":"\\ud83d"}},"funcname":"\\ud83d","pathname":"/\\ud83d"`)],
  [
    'lone surrogate',
    (mark) => `{"Payload":"${mark} \\ud800","log_level":"INFO","programname":"\\udc00","Hostname":"\\ud801","Logger":"\\ud802"}`,
  ],
];

const bytes: Kind[] = BYTES.flatMap(([name, values]): Kind[] => [
  [`bytes: ${name}`, (mark) => Buffer.concat([Buffer.from(oslo(mark, '')), Buffer.from(values)])],
  [`bytes: ${name}, alone`, (mark) => Buffer.concat([Buffer.from(values), Buffer.from(mark)])],
  [
    `bytes: ${name}, in JSON`,
    (mark) => Buffer.from(osloJson(mark, '"extra":{"b":"~"}').replace('~', Buffer.from(values).toString('latin1')), 'latin1'),
  ],
]);

const http: Kind[] = ['99999', '-1', '200', '1e30', '000', '٣٠٠'].flatMap((status): Kind[] => [
  ['access line', (mark) => `10.0.0.1 - - [02/Mar/2026:10:11:12 +0000] "GET /${mark} HTTP/1.1" ${status} ${'9'.repeat(30)} "-" "x"`],
  ['access line', (mark) => `10.0.0.1 - - [99/Foo/0000:99:99:99 +9999] "${mark}\\" \\x16\\x03" ${status} - NaN "-" "\\"`],
  ['access line', (mark) => oslo(mark, `10.0.0.1 "GET /v2/${mark}?a=b HTTP/1.1" status: ${status} len: 1e30 time: NaN`)],
  ['access line', (mark) => oslo(mark, `10.0.0.1 "GET /v2/x HTTP/99" status: ${status} len: -0 time: ${'9'.repeat(40)}.5`)],
  [
    'uwsgi line',
    (mark) =>
      `[pid: ${'9'.repeat(25)}|app: 0|req: 41/82] 10.0.0.5 () {62 vars in 1244 bytes} [Mon Mar  2 10:11:12 2026] GET /${mark} => generated 1e30 bytes in NaN msecs (HTTP/1.1 ${status}) 9 headers in 9 bytes`,
  ],
]);

const names: Kind[] = [
  ['long logger', (mark) => `${AT} 7 INFO ${'l.'.repeat(20_000)}x [-] ${mark}`],
  ['long logger', (mark) => `{"message":"${mark}","levelname":"INFO","name":"${'l.'.repeat(20_000)}x"}`],
  ['long program', (mark) => `<134>Mar  2 10:11:12 host1 ${'p'.repeat(40_000)}[7]: ${mark}`],
  ['long program', (mark) => kolla(mark, `"programname":"${'p'.repeat(40_000)}","Logger":"${'q'.repeat(40_000)}"`)],
  ['long host', (mark) => `<134>Mar  2 10:11:12 ${'h'.repeat(40_000)} prog[7]: ${mark}`],
  ['long host', (mark) => osloJson(mark, `"hostname":"${'h'.repeat(40_000)}"`)],
  ['long ids', (mark) => osloJson(mark, `"context":{"request_id":"req-${'r'.repeat(40_000)}","user":"${'u'.repeat(40_000)}"}`)],
  ['long ids', (mark) => osloJson(mark, `"extra":{"instance":"${'i'.repeat(40_000)}"}`)],
  ['long place', (mark) => osloJson(mark, `"funcname":"${'f'.repeat(40_000)}","pathname":"/${'p'.repeat(40_000)}"`)],
  ['long error', (mark) => osloJson(mark, `"error_summary":"${'e'.repeat(40_000)}Error: ${'m'.repeat(40_000)}"`)],
  [
    'long path',
    (mark) => `10.0.0.1 - - [02/Mar/2026:10:11:12 +0000] "GET /${mark}/${'p'.repeat(40_000)}?${'q'.repeat(40_000)} HTTP/1.1" 200 1`,
  ],
  [
    'long method',
    (mark) =>
      `10.0.0.1 - - [02/Mar/2026:10:11:12 +0000] "${'M'.repeat(40_000)} /${mark} HTTP/1.1" 200 1 "${'r'.repeat(40_000)}" "${'a'.repeat(40_000)}"`,
  ],
  ['huge pid', (mark) => `${AT} ${'9'.repeat(30)} INFO nova.api [-] ${mark}`],
  ['huge pid', (mark) => `<134>Mar  2 10:11:12 host1 prog[${'9'.repeat(30)}]: ${mark}`],
  ['name like an index', (mark) => osloJson(mark, `"name":"../_all","hostname":"{date}","levelname":"INFO"`)],
  ['label in the line', (mark) => osloJson(mark, '"label":"auth.failure","confidence":"1","trilog":{"label":7,"confidence":"x"}')],
];

const shippers: Kind[] = [
  ...[
    '"trilog":7',
    '"log_level":5',
    '"Pid":{}',
    '"Pid":"1e400"',
    '"@timestamp":7',
    '"Hostname":[]',
    '"Logger":{"a":1}',
    '"Payload2":[[[]]]',
  ].map((members): Kind => ['kolla of wrong types', (mark) => kolla(mark, members)]),
  ...['"Logger":7', '"http_status":"x","http_bytes":{}', '"tenant_id":9,"request_id":["x"]', '"user_id":null', '"Timestamp":{}'].map(
    (members): Kind => ['kolla of wrong types', (mark) => kolla(mark, members)],
  ),
  ...[
    '"host":"h"',
    '"host":{"name":7}',
    '"host":{"name":{"x":1}}',
    '"service":[]',
    '"log":"x"',
    '"log":{"level":7,"offset":"x"}',
    '"agent":7',
  ].map((members): Kind => ['envelope of wrong types', (mark) => beat(mark, members)]),
  ...[
    '"error":"text"',
    '"error":{"message":{"a":1}}',
    '"fields":{"a.b":1,"a":2}',
    '"event":7',
    '"http":{"response":{"status_code":"x"}}',
  ].map((members): Kind => ['envelope of wrong types', (mark) => beat(mark, members)]),
  ['container', (mark) => `{"log":"${mark} \\u0000\\n","stream":"stdout","time":"99999-01-01T00:00:00Z"}`],
  ['container', (mark) => `{"log":"{\\"log\\":\\"${mark}\\",\\"stream\\":\\"x\\"}","stream":7}`],
  ['foreign record', (mark) => `{"msg":"${mark}","level":{"a":1},"severity":1e400}`],
  ['foreign record', (mark) => `{"message":"${mark}","severity":"x","extra":{"port":{}}}`],
];

const injections: Kind[] = [
  ...HOSTILE_IDS.map((id): Kind => ['document of another trilog', (mark) => own(mark, id)]),
  ['bulk action', (mark) => `{"delete":{"_index":"*","_id":"${mark}"}}`],
  ['bulk action', (mark) => `{"index":{"_index":"${mark}","_id":"1"}}`],
  ['bulk action', (mark) => `{"create":{"_id":"${mark}","pipeline":"x","require_alias":true}}`],
  ['bulk action', (mark) => `{"update":{"_id":"${mark}"}}`],
  ['UTF-16', (mark) => Buffer.from(`${AT} ${mark}\r`, 'utf16le')],
  ['UTF-16 with a mark', () => Buffer.from('\ufeff\u0a0a\u000a broken', 'utf16le')],
  ['empty line', () => ''],
  ['blank line', () => '   '],
];

/** Text of pairs, so that most cuts would go through one. */
const giant = (word: string): string => word.repeat(Math.ceil(MEGABYTE / word.length));

/** What fills or passes the bounds of a record; each stands between ordinary records, since it would cut what joins it. */
const giants: Kind[] = [
  ['message of 1 MB', (mark) => oslo(mark, giant('many words '))],
  ['message of 1 MB', (mark) => oslo(mark, giant('w'))],
  ['message of 1 MB', (mark) => osloJson(mark, '', giant('"\\\u0001'))],
  ['message of 1 MB', (mark) => kolla(mark, `"Text":"${giant('😀')}"`)],
  ['value of 1 MB', (mark) => osloJson(mark, `"extra":{"v":"${giant('v')}"},"args":"${giant('a ')}"`)],
  ['name of 1 MB', (mark) => osloJson(mark, `"hostname":"${giant('h')}"`)],
  ['longer than a record may be', (mark) => oslo(mark, giant('x ').repeat(2))],
  ['longer than a line may be', (mark) => oslo(mark, giant('y ').repeat(4))],
  ['traceback of 2,000 lines', (mark) => [oslo(mark, 'Boom'), ...frames(2000), 'ValueError: x'].join('\n')],
  ['traceback of 2,000 lines', (mark) => [`Traceback (most recent call last): ${mark}`, ...frames(2000), 'ValueError: x'].join('\n')],
  [
    'traceback in JSON',
    (mark) => osloJson(mark, `"traceback":${JSON.stringify(['Traceback (most recent call last):', ...frames(5000), 'a.B: c'].join('\n'))}`),
  ],
];

function frames(count: number): string[] {
  return Array.from({ length: count }, (_, i) => `${AT} 7 ERROR nova.compute.manager   File "/x/${i}.py", line ${i}, in f${i}`);
}

/** Chance, between the same ends each time. */
function byChance(): Kind[] {
  const random = seeded(SEED);
  const below = (count: number): number => Math.floor(random() * count);
  const junk = (): Buffer => Buffer.from(Array.from({ length: below(200) }, () => below(256)).filter((byte) => byte !== 10));
  const bent = (line: string): string => {
    const at = below(line.length);
    return line.slice(0, at) + String.fromCharCode(32 + below(95)) + line.slice(at + below(4));
  };
  return Array.from({ length: 40 }, (_, i): Kind => {
    if (i % 2 === 0) return ['bytes by chance', (mark) => Buffer.concat([junk(), Buffer.from(mark), junk()])];
    return ['JSON with a fault', (mark) => `${bent(osloJson('x', `"extra":{"port":${FIGHTING[below(FIGHTING.length)]}}`))} ${mark}`];
  });
}

/** Each with an ordinary line behind it. */
function fenced(kinds: readonly Kind[]): Kind[] {
  return kinds.flatMap((kind) => [kind, ORDINARY]);
}

/** All that is large, and little else. */
export function largeLines(): AwkwardLine[] {
  return [ORDINARY, ...fenced(giants)].map(([kind, line], i) => awkward(kind, line, i));
}

const ORDINARY: Kind = ['ordinary', (mark) => osloJson(mark, '')];
const REPEATED = `${AT} 7 INFO nova.api [-] the same again`;

/** The corpus, in an order of chance that is the same each time. */
export function awkwardLines(): AwkwardLine[] {
  const small = [fighting, keys, depth, many, dates, texts, surrogates, bytes, http, names, shippers, injections, byChance()].flat();
  const repeated = Array.from({ length: 50 }, (): Kind => ['the same line', () => REPEATED]);
  // The others are for largeLines: servers take long over them.
  const large = giants.filter(([kind], i) => kind.startsWith('traceback') || i === 0);
  const first: Kind = ['byte order mark', (mark) => `\ufeff${oslo(mark, 'first')}`];
  const kinds = [first, ...shuffled(small, seeded(SEED)), ...repeated, ORDINARY, ...fenced(large)];
  return kinds.map(([kind, line], i) => awkward(kind, line, i));
}

function awkward(kind: string, line: (mark: string) => string | Buffer, index: number): AwkwardLine {
  const mark = `awk${String(index).padStart(5, '0')}z`;
  const bytes = Buffer.concat([Buffer.from(line(mark)), Buffer.from('\n')]);
  return { kind, bytes, marker: bytes.includes(mark) ? mark : null };
}

import test from 'ava';
import fc from 'fast-check';
import type { TrilogError } from '../../../../src/errors.js';
import { decodeText } from '../../../../src/record/decode-text.js';
import { Redaction } from '../../../../src/stages/llm/redaction/redaction.js';
import { Vocabulary } from '../../../../src/stages/llm/redaction/vocabulary.js';
import { MAX_TEMPLATE } from '../../../../src/stages/template/mask.js';
import { templateOf } from '../../../../src/stages/template/template.js';
import { SECRET_LINES } from './secrets.js';

const SOURCE = { id: 's', input: 'test', name: 'x.log', program: '', host: 'h', timezone: 'Etc/UTC', format: 'auto' };
const closed = new Redaction([], Vocabulary.load());
const open = new Redaction([], null);

/** All that would be sent of the records of a text, in lower case. */
function sent(redaction: Redaction, text: string): string {
  const pieces = decodeText(text, SOURCE).flatMap((record) => [
    redaction.text(templateOf(record)),
    redaction.logger(record.logger === '' ? record.program : record.logger),
    redaction.text(record.error?.type ?? ''),
    redaction.logger(record.error?.type ?? ''),
  ]);
  return pieces.join('\n').toLowerCase();
}

test('the corpus is large enough to mean something', (t) => {
  t.true(SECRET_LINES.length >= 100);
});

for (const [i, { line, secrets, names = [], plain = [] }] of SECRET_LINES.entries()) {
  test(`nothing secret leaves of line ${i}: ${JSON.stringify(line.slice(0, 160))}`, (t) => {
    const withWords = sent(closed, line);
    for (const value of [...secrets, ...names, ...plain]) t.false(withWords.includes(value.toLowerCase()), `${value}: ${withWords}`);
    const without = sent(open, line);
    for (const value of secrets) t.false(without.includes(value.toLowerCase()), `${value}, without a vocabulary: ${without}`);
  });
}

test('every line of the corpus holds what it says must not leave', (t) => {
  for (const { line, secrets, names = [], plain = [] } of SECRET_LINES) {
    t.true(secrets.length + names.length + plain.length > 0, line);
    for (const value of [...secrets, ...names, ...plain]) t.true(line.toLowerCase().includes(value.toLowerCase()), `${value}: ${line}`);
  }
});

const STAY = [
  'Instance failed to spawn: VirtualInterfaceCreateException',
  'AMQP server on <ip>:<num> is unreachable: [Errno 111] ECONNREFUSED. Trying again in <num> seconds.',
  'Returned 503',
  'status: 404 Not Found',
  'The request you have made requires authentication. (HTTP 401)',
  'Port <id> not found',
  "Can't connect to MySQL server on <str>",
  '<ip> "GET <path> HTTP" status: 200 len: <num> time: <num>',
  'Terminating on signal 15',
  'IPv6 over vxlan on ml2 and l3',
  'DHCP agent on/off, L3Agent and OVSFirewall of os_vif',
  'Failed to bind port <id> on host <host> for vnic_type normal using segments <data>',
  'token validation failed',
  'Token not found: revoked',
  'password expired',
  'key manager is not configured',
  'Invalid token: not found',
  'Password for user <str> is not valid',
  'Secret store plugin is missing',
  'Auth token does not match',
  'Could not recognise the keys of an RBAC policy, e.g. a role',
  'Did not pass validation',
  'Invalid response: 503',
  'Creating a session: 503',
];

for (const template of STAY) {
  test(`stays as it is: ${template}`, (t) => {
    // One word of these is no statement's.
    const expected = template.replace('recognise', '<word>');
    t.is(closed.text(template), expected);
    t.is(open.text(template), template);
  });
}

const CHANGED: readonly (readonly [template: string, left: string])[] = [
  // Behind the name of a secret
  ['password hunter', 'password <secret>'],
  ['password is hunter', 'password is <secret>'],
  ['password was set to master', 'password was set to <secret>'],
  ['password -> master', 'password - <secret>'],
  ['token = <id>', 'token = <id>'],
  ['admin_password: master, again', 'admin_password: <secret>, again'],
  ['key = master', 'key = <secret>'],
  ["password 'two words' again", "password '<secret>' again"],
  ["password 'two words without end", "password '<secret>"],
  ['password=one!two;three again', 'password=<secret> again'],
  ['p master d', 'p <secret> d'],
  ['Authorization: Basic master again', 'Authorization: <secret> again'],
  ['Cookie: a=master; b=master again', 'Cookie: <secret> again'],
  ['password=<secret>$master again', 'password=<secret> again'],
  ["<url>'master again", '<url> again'],
  ['user=master again', 'user=<word> again'],
  ['IDENTIFIED BY master', 'IDENTIFIED BY <secret>'],
  ['BEGIN PRIVATE KEY master master END PRIVATE KEY', 'BEGIN PRIVATE KEY <secret> END PRIVATE KEY'],
  // Not in the vocabulary
  ['instance margaret sunshine failed', 'instance <word> failed'],
  ['instance margaret, sunshine: gone', 'instance <word>: gone'],
  ['MargaretNotFound and margaret_not_found', '<word> and <word>'],
  ['compute-margaret is down', '<word> is down'],
  // Pieces that are found in any vocabulary say nothing of the whole.
  ['value IsDbNo.up', 'value <word>'],
  ['value m-a-s-t-e-r', 'value <word>'],
  // What may not leave in any form
  ['caf\u00e9 \u202eabc\u202c na\u00efve', '<word>'],
  ['a `b` | x \\ d $ e ^ f', 'a b x d e f'],
  ['one\ntwo\tone', 'one two one'],
  ['a < b > e <d> <id>', 'a b e d <id>'],
  ['port@host host~', '<word> host'],
  // Numbers that decide stay, others do not.
  ['404 Errno 5 signal 9 5 1234 999', '404 Errno 5 signal 9 <num>'],
];

for (const [template, left] of CHANGED) {
  test(`of ${JSON.stringify(template)} there is left ${left}`, (t) => {
    t.is(closed.text(template), left);
  });
}

test('without a vocabulary unknown words stay, and nothing beyond ASCII', (t) => {
  t.is(open.text('margaret na\u00efve said password hunter'), 'margaret <word> said password <secret>');
});

for (const [name, left] of [
  ['nova.compute.manager', 'nova.compute.manager'],
  ['neutron.db.l3_dvr_db', 'neutron.db.l3_dvr_db'],
  ['nova-compute', 'nova-compute'],
  ['oslo_messaging._drivers.amqpdriver', 'oslo_messaging._drivers.amqpdriver'],
  ['margaret.billing.manager', '<word>.manager'],
  ['rabbit@ctl-margaret', '<word>'],
  ['nova.compute.5e7fa6ee45924502', 'nova.compute.<word>'],
  ['\u001b[31mnova\n', '<word>'],
  ['', ''],
] as const) {
  test(`logger ${JSON.stringify(name)} leaves as ${left}`, (t) => {
    t.is(closed.logger(name), left);
    t.is(closed.logger(left), left);
  });
}

test('a logger without a vocabulary is ASCII, bounded and no id', (t) => {
  t.is(open.logger('margaret.billing.caf\u00e9.5e7fa6ee45924502'), 'margaret.billing.<word>');
  t.true(open.logger('ab.'.repeat(1_000)).length <= 100);
});

test("a site's patterns take what they match, before all else", (t) => {
  const site = new Redaction(['(?i)acme[a-z]*', 'instance failed', '^server \\d+'], Vocabulary.load());
  t.is(site.text('AcmeCorp: instance failed to spawn'), '<secret>: <secret> to spawn');
  t.is(site.text('server 42 is up'), '<secret> is up');
  t.is(site.logger('nova.acme'), 'nova.<secret>');
});

test("a placeholder is not touched from inside by a site's pattern, and goes whole from outside", (t) => {
  const site = new Redaction(['sec|d', 'port <i'], null);
  t.is(site.text('port <id> <secret> <id>'), '<secret> <id>');
});

test('every bad pattern is named', (t) => {
  const error = t.throws(() => new Redaction(['fine', '(unclosed', '(?=ahead)', 'x*'], null)) as TrilogError;
  t.is(error.code, 'CONFIG_INVALID');
  t.is(error.message.match(/classify\.llm\.redact/g)?.length, 3);
  for (const pattern of ['(unclosed', '(?=ahead)', 'x*']) t.true(error.message.includes(pattern), error.message);
});

/** Pieces that meet each other in unlucky ways. */
const piece = fc.constantFrom(
  ...[
    'password',
    'token',
    'key',
    'secret',
    'pass',
    'p',
    'credential',
    'Cookie',
    'Authorization',
    'Basic',
    'user',
    'BEGIN',
    'KEY',
    'END',
    'by',
  ],
  ...[
    'identified',
    'is',
    'was',
    'set',
    'to',
    'not',
    'found',
    'manager',
    'margaret',
    'hunter',
    'instance',
    'Errno',
    'signal',
    'status',
    'NotFound',
  ],
  ...['<id>', '<num>', '<secret>', '<word>', '<url>', '<data>', '<str>', '<', '>', '<x>', '404', '5', '1234', 'l3', 'ab12', 'aBcDeF', '_'],
  ...[
    '=',
    ':',
    ' ',
    '  ',
    ',',
    ';',
    '.',
    '-',
    '->',
    '=>',
    "'",
    '"',
    '\\',
    '\\"',
    '(',
    ')',
    '[',
    ']',
    '{',
    '}',
    '/',
    '&',
    '%',
    '+',
    '!',
    '?',
    '|',
    '`',
    '$',
    '@',
    '~',
  ],
  ...['\n', '\u0000', '\u00e9', '\u202e', '\u00a0', '\ud83d\ude00', '\ud800'],
);
const anyText = fc.oneof(
  fc.string({ unit: 'binary', maxLength: 300 }),
  fc.array(piece, { maxLength: 80 }).map((parts) => parts.join('')),
  fc.array(piece, { maxLength: 80 }).map((parts) => parts.join(' ')),
  fc.array(piece, { minLength: 300, maxLength: 900 }).map((parts) => parts.join('')),
);
const ALLOWED = /^(?:<(?:id|num|ip|mac|time|path|url|email|host|str|data|secret|word)>|[0-9A-Za-z .,:;()[\]{}=/'"_#%&+*?!-])*$/;

for (const [name, redaction] of [
  ['with a vocabulary', closed],
  ['without one', open],
  ["with a site's patterns", new Redaction(['margaret', '[a-z]{3}[:=].', '^.is', 'manager$', '<id> '], null)],
] as const) {
  test(`what is left of any text ${name} is one short line of ASCII and stays itself`, (t) => {
    fc.assert(
      fc.property(anyText, (text) => {
        const left = redaction.text(text);
        t.regex(left, ALLOWED);
        t.true(left.length <= MAX_TEMPLATE);
        t.is(redaction.text(left), left, JSON.stringify(text));
        const logger = redaction.logger(text);
        t.regex(logger, ALLOWED);
        t.true(logger.length <= 100);
        t.is(redaction.logger(logger), logger);
      }),
      { numRuns: 2_000 },
    );
  });
}

test('with a vocabulary every word that is left is made of its words', (t) => {
  const few = new Redaction([], new Vocabulary(['instance', 'failed', 'password']));
  fc.assert(
    fc.property(anyText, (text) => {
      for (const [word] of few
        .text(text)
        .replaceAll(/<[a-z]+>/g, ' ')
        .matchAll(/[A-Za-z]{2,}/g))
        t.true(['instance', 'failed', 'password'].includes(word.toLowerCase()), word);
    }),
  );
});

for (const unit of [
  'password ',
  'token=',
  'secret "',
  'credential secret ',
  'key: <id>',
  'Cookie: a=b; ',
  'BEGIN ',
  '\\"',
  'a-',
  '<',
  '<secret>x',
  'is ',
]) {
  test(`a megabyte of ${JSON.stringify(unit)} is looked at in a bounded part`, (t) => {
    const text = unit.repeat(Math.ceil(1_048_576 / unit.length));
    t.is(closed.text(text), closed.text(text.slice(0, 10_000)));
  });
}

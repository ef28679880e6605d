import test from 'ava';
import { maskMessage } from '../../../src/stages/template/mask.js';
import { StatusContext } from '../../../src/stages/template/status.js';

/** Spellings of a status, with # in its place. */
const SPELLINGS: readonly string[] = [
  'status: "#"',
  "status: '#'",
  '"status": #',
  '"status":#',
  "'code'='#'",
  'status code [#]',
  'HTTP response: [#]',
  'RESP: [#] Date',
  'response status was #',
  'status is #',
  'status -> #',
  'status=>#',
  '(status=#, reason=x)',
  'http_code=#',
  'image_status: #',
  'HTTPError: # for url',
  'HttpException: #: it failed',
  'responded with #',
  'got an HTTP #',
  'it returns #',
  'it returned #.',
  'returned # because of it',
  'Returning # to user',
  'Received # from glance',
  'HTTP/1.1 "#" 12',
];

for (const spelling of SPELLINGS) {
  test(`401 and 503 stay apart in ${spelling}`, (t) => {
    for (const status of ['401', '503']) {
      const template = maskMessage(spelling.replace('#', status));
      t.true(template.includes(status), template);
      t.is(maskMessage(template), template);
    }
  });
}

const REASONS: readonly (readonly [message: string, template: string])[] = [
  ['x (409) Conflict', 'x (409) Conflict'],
  ['x [409] Conflict', 'x [409] Conflict'],
  ['x 404 Not Found.', 'x 404 Not Found.'],
  ['x 404: Not Found', 'x 404: Not Found'],
  ['x 404 (Not Found)', 'x 404 (Not Found)'],
  ['404 Client Error: x', '404 Client Error: x'],
  ['<title>400 Bad Request</title>', '<data>400 Bad Request<<path>'],
  // Another number's reason, a word that only begins like one, an id that something was done with.
  ['x 12 Conflict', 'x <num> Conflict'],
  ['x 404 Conflict', 'x <num> Conflict'],
  ['x 409 Conflicting', 'x <num> Conflicting'],
  ['volume 201 created', 'volume <num> created'],
];

for (const [message, template] of REASONS) {
  test(`a status is known by its reason phrase: ${message}`, (t) => {
    t.is(maskMessage(message), template);
    t.is(maskMessage(template), template);
  });
}

const NONE: readonly (readonly [message: string, template: string])[] = [
  ['status of 404 instances', 'status of <num> instances'],
  ...['rows', 'items', 'records', 'hosts', 'allocations', 'ports', 'bytes', 'ms', 'seconds', 'MB'].map(
    (unit) => [`returned 404 ${unit}`, `returned <num> ${unit}`] as const,
  ),
  ['returned 404  --rows', 'returned <num> rows'],
  ['returned 100% of it', 'returned <num> of it'],
  ['returned -110', 'returned <num>'],
  ['returned 404.5', 'returned <num>'],
  ['status: 4040', 'status: <num>'],
  ['status: 600', 'status: <num>'],
  ['status: "404"ms', 'status: <str>ms'],
  ['the ports [404]', 'the ports <data>'],
  ['status [404, 405]', 'status <data>'],
  ['status <x> 404', 'status <data> <num>'],
  ['password: "404"', 'password: <secret>'],
  ['password=404 Not Found', 'password=<secret>'],
];

for (const [message, template] of NONE) {
  test(`no status: ${message}`, (t) => {
    t.is(maskMessage(message), template);
    t.is(maskMessage(template), template);
  });
}

test('words that end as plurals do are not what a status counts', (t) => {
  for (const next of ['status', 'this', 'means it', 'https://x.example/', 'success', 'Items'])
    t.true(maskMessage(`returned 404 ${next}`).startsWith('returned 404 '), next);
});

test('a status is awaited over a few words and marks, no further', (t) => {
  const context = new StatusContext();
  context.word('Status');
  context.mark(':');
  context.word('was');
  t.true(context.awaited);
  context.word('ACTIVE');
  t.false(context.awaited);
  context.word('is');
  t.false(context.awaited);
  context.word('cinder_Status');
  t.true(context.awaited);
  context.mark('/');
  t.false(context.awaited);
});

import test from 'ava';
import fc from 'fast-check';
import { MAX_TEMPLATE, maskMessage } from '../../../src/stages/template/mask.js';
import { osloLines } from '../../bench/generate.js';

const CASES: readonly (readonly [message: string, template: string])[] = [
  ['Took 12.50 seconds to build instance.', 'Took <num> seconds to build instance.'],
  ['Deleting instance files /var/lib/nova/instances/5e7fa6ee-4592-4502-869f-9833be84cdaf_del', 'Deleting instance files <path>'],
  ['Port 5e7fa6ee-4592-4502-869f-9833be84cdaf not found', 'Port <id> not found'],
  ['ports 1f6b0c6e-2f1f-4b7e-8a58-3e3a9d1f2c4b, 2f6b0c6e-2f1f-4b7e-8a58-3e3a9d1f2c4b are gone', 'ports <id> are gone'],
  ['device fa:16:3e:01:02:03 at 10.0.0.5', 'device <mac> at <ip>'],
  ['address fe80::f816:3eff:fe01:203 is new', 'address <ip> is new'],
  ['from 2026-03-02 10:11:12 on', 'from <time> on'],
  ['at 2026-03-02T10:11:12Z it began', 'at <time> it began'],
  ['GET http://10.0.0.1:8776/v3/abc/volumes/detail', 'GET <url>'],
  ['used_ram=2048MB total 64', 'used_ram=<num> total <num>'],
  ["Details: {'profile': {}, 'device': 'x'} end", 'Details: <data> end'],
  ["Deleted ['a', 'b'] now", 'Deleted <data> now'],
  ['Claim successful on node compute12.example.org', 'Claim successful on node <host>'],
  ['Host compute.example.org is down', 'Host <host> is down'],
  ["Could not find user 'admin' in it", 'Could not find user <str> in it'],
  ['mail to root@example.org failed', 'mail to <email> failed'],
  ['<Connection object at 0x7f0012> is closed', '<data> is closed'],
  // What decides a class stays.
  ['10.0.0.5 "GET /v2.1/servers HTTP/1.1" status: 404  len: 302 time: 0.2', '<ip> "GET <path> HTTP" status: 404 len: <num> time: <num>'],
  ['10.0.0.5 - - [02/Mar/2026 10:11:12] "GET /v2/images HTTP/1.1" 503 3000 0.01', '<ip> - - <data> "GET <path> HTTP" 503 <num>'],
  ['The request you have made requires authentication. (HTTP 401)', 'The request you have made requires authentication. (HTTP 401)'],
  ['Failed: [Errno 111] ECONNREFUSED', 'Failed: [Errno 111] ECONNREFUSED'],
  ['failed: nova.exception.PortBindingFailed: Binding failed', 'failed: PortBindingFailed: Binding failed'],
  ["state 'ACTIVE' and 'ConnectionError'", 'state ACTIVE and ConnectionError'],
  ['IPv6 over vxlan on ml2 and l3', 'IPv6 over vxlan on ml2 and l3'],
  // Only the first lines count, and no traceback.
  ['first\nsecond\nthird\nfourth', 'first second third'],
  ['first\nTraceback (most recent call last):\n  File "x"', 'first'],
  ['', ''],
];

for (const [message, template] of CASES) {
  test(`masks ${JSON.stringify(message)}`, (t) => {
    t.is(maskMessage(message), template);
  });
}

const SECRETS: readonly (readonly [message: string, secret: string])[] = [
  ['password=hunter', 'hunter'],
  ['admin_password: hunter', 'hunter'],
  ["'password': 'two words'", 'two words'],
  ['X-Auth-Token: hunter', 'hunter'],
  ['Authorization: Bearer hunter', 'hunter'],
  ['Authorization: Basic hunter', 'hunter'],
  ['secret_key=hunter', 'hunter'],
  ['--os-password hunter', 'hunter'],
  ['rabbit://openstack:hunter@10.0.0.1:5672/', 'hunter'],
  ['{"password": "hunter"}', 'hunter'],
  ['token gAAAAABjx2Zk3vQeR1mXw9YtLbNcPdSfGhJkLq', 'gAAAAABjx2Zk3vQeR1mXw9YtLbNcPdSfGhJkLq'],
  // Behind a module, as the names of exceptions are.
  ['blob a.QwErTyUiOpAsDfGhJk', 'QwErTyUiOpAsDfGhJk'],
  ['key 0f1e2d3c4b5a69788796a5b4c3d2e1f0 read', '0f1e2d3c4b5a69788796a5b4c3d2e1f0'],
  ['blob QWxhZGRpbjpvcGVuU2VzYW1lQWxhZGRpbg', 'QWxhZGRpbjpvcGVuU2VzYW1lQWxhZGRpbg'],
];

for (const [message, secret] of SECRETS) {
  test(`no template holds the secret of ${JSON.stringify(message)}`, (t) => {
    t.false(maskMessage(`Call failed, ${message}`).includes(secret));
  });
}

const UNLUCKY = [
  '.FooErrorFooError],',
  'a.FooErrorFooError],',
  `x.y.${'Allocation'.repeat(4)}Failed: it`,
  "-'ACTIVE'",
  "'ACTIVE'1",
  'Event <%s> is invalid',
  '<-a>',
  'HTTP[%404',
  'status: "404" Client Error (409)',
  'password: 404 Client Error (409)',
];

for (const message of UNLUCKY) {
  test(`a template of a template is itself: ${message}`, (t) => {
    const template = maskMessage(message);
    t.is(maskMessage(template), template);
  });
}

test('a long name of an exception stays, with and without its module', (t) => {
  const name = 'ResourceProviderAllocationRetrievalFailed';
  t.is(maskMessage(`nova.exception.${name}: it`), `${name}: it`);
  t.is(maskMessage(`${name}: it`), `${name}: it`);
});

test('a template of a template is itself', (t) => {
  for (const line of osloLines(2_000)) {
    const template = maskMessage(line.slice(line.indexOf('] ') + 2));
    t.is(maskMessage(template), template);
  }
});

/** Words as messages have them, in any order. */
const word = fc.constantFrom(
  'port',
  '12',
  '404',
  'HTTP',
  'status:',
  'returned',
  '"503"',
  '[404]',
  '(409)',
  'Conflict',
  'Client Error',
  'rows',
  '--rows',
  '->',
  'was',
  'password:',
  'a.AbCdEfGhIjKlMnOpQr',
  'a=b',
  "'x'",
  "'two words'",
  "don't",
  '{12: 3}',
  '[Errno 111]',
  "['a']",
  '/var/lib',
  '10.0.0.1:5672',
  '50%',
  'x.y.Error',
  'é',
  '-',
  ',',
);

test('a template of a template of any words is itself', (t) => {
  fc.assert(
    fc.property(fc.array(word, { maxLength: 60 }), (words) => {
      const template = maskMessage(words.join(' '));
      t.is(maskMessage(template), template);
    }),
  );
});

/** Pieces that meet each other in unlucky ways. */
const piece = fc.constantFrom(
  "'",
  '"',
  '<',
  '>',
  '<id>',
  '{',
  '}',
  '[',
  ']',
  '(',
  ':',
  '::',
  '=',
  'a:',
  '1:',
  '/',
  '//',
  '://',
  '.',
  '-',
  '%',
  ',',
  ' ',
  '\n',
  'ab12',
  'password',
  '\u00e9',
  '\ud800',
  '10.0.0.1',
);

test('any text gives a bounded template without a throw', (t) => {
  fc.assert(
    fc.property(
      fc.oneof(
        fc.string(),
        fc.array(piece, { maxLength: 200 }).map((parts) => parts.join('')),
      ),
      (text) => {
        t.true(maskMessage(text).length <= MAX_TEMPLATE);
      },
    ),
  );
});

for (const unit of [
  "'",
  '"a ',
  '<',
  '<a',
  '{',
  '[1',
  '{"',
  'a:',
  ':',
  'a'.repeat(50),
  'password=',
  '/a',
  '1.',
  ' ',
  '\n',
  'a\n',
  'status 404 ',
  '404 Not ',
  'status [404]',
  '<-',
]) {
  test(`a megabyte of ${JSON.stringify(unit.slice(0, 10))} is looked at in a bounded part`, (t) => {
    let reads = 0;
    const text = unit.repeat(Math.ceil(1_048_576 / unit.length));
    // Counting, not timing: how often the text is asked for a character.
    const counted = new Proxy(Object(text) as object, {
      get(target, name) {
        const value: unknown = Reflect.get(target, name, target);
        if (typeof value !== 'function') return value;
        return (...args: unknown[]) => {
          reads++;
          return Reflect.apply(value, text, args) as unknown;
        };
      },
    });
    maskMessage(counted as unknown as string);
    t.true(reads < 600_000, `${reads} reads`);
  });
}
